import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Compiled, programMeta } from "@unplugin-paw/compiler";
import type { Build } from "../build.ts";
import { inlined, type LoadContext } from "../hosts/host.ts";
import { fileOf, interpreterModule } from "../ids.ts";
import { edgeReport, fail } from "../reports.ts";
import { readSource } from "../spec-source.ts";
import { type GeneratedModule, generateModule, type Running } from "./codegen.ts";
import { programOf } from "./program.ts";
import { runtimeFor } from "./runtime-imports.ts";
import { taughtSpec } from "./teach.ts";

/**
 * The module of a spec: reads it, has its program, and makes that part of the output.
 *
 * @throws {LoadError} what is wrong with the spec, its compile or the bundler's configuration
 */
export async function specModule(build: Build, context: LoadContext, id: string): Promise<GeneratedModule> {
  const { host, options } = build;
  const file = fileOf(id);
  if (host.isEdge?.(context)) fail(edgeReport(file));
  const hot = build.hot(context);
  const read = await readSource(build, context, file);
  // A developer who edits would pay for each edit.
  const spec = hot === undefined ? await taughtSpec(build, context, read) : read;
  const text = readFileSync(file, "utf8"); // now: it may change while the compile runs
  const compiled = await programOf(build, context, spec, hot !== undefined);
  if (compiled.metadata.compiler.effort !== options.effort) host.forget?.(context);
  const client = await host.isClient(context, id);
  const runsIn = client ? "browser" : host.runsInPlace?.(context) ? "place" : "bundle";
  const runtime = runtimeFor(file, options.root, runsIn);
  const files = await (client ? clientFiles(build, context, id, compiled) : nodeFiles(build, context, id, compiled));
  const meta = programMeta(compiled.metadata);
  return generateModule(spec, text, { meta, ...files, ...(hot !== undefined && { hot }), ...(runtime && { runtime }) });
}

type Files = Pick<Running, "weights" | "interpreter">;

function nodeFiles(build: Build, context: LoadContext, id: string, compiled: Compiled): Files {
  const { host, options } = build;
  build.loadedForNode = true;
  const inline = options.inline ?? host.movesOutput?.(context) ?? false;
  return { weights: inline ? inlined(compiled.weights) : host.weights(context, id, weightsName(id), compiled) };
}

async function clientFiles(build: Build, context: LoadContext, id: string, compiled: Compiled): Promise<Files> {
  const { host } = build;
  const { interpreter } = compiled.metadata;
  const weights = await host.url(context, id, {
    name: weightsName(id),
    source: compiled.path ?? compiled.weights,
    get bytes() {
      return compiled.weights;
    },
  });
  if (host.interpreter !== "inline") return { weights, interpreter: { module: interpreterModule(interpreter) } };
  const { describeInterpreter } = await import("./interpreter.ts");
  return { weights, interpreter: { code: await describeInterpreter(build, context, id, interpreter) } };
}

function weightsName(id: string): string {
  return `${basename(fileOf(id), ".paw")}.weights`;
}
