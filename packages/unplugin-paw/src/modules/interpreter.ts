import { basename, join, relative } from "node:path";
import { BESIDE, fetchInterpreter, findCard, openInterpreter } from "@unplugin-paw/interpreter";
import { interpreterAssets } from "@unplugin-paw/interpreter/assets";
import { runtimeAssets } from "@unplugin-paw/runtime/assets";
import type { Build } from "../build.ts";
import type { Asset, LoadContext } from "../hosts/host.ts";
import type { InterpreterName } from "../ids.ts";
import { type GeneratedModule, NO_MAP } from "./codegen.ts";

/**
 * The module that tells client code where an interpreter's files are.
 *
 * @throws {LoadError} the interpreter cannot be had
 */
export async function interpreterModuleOf(
  build: Build,
  context: LoadContext,
  id: string,
  name: InterpreterName,
): Promise<GeneratedModule> {
  const code = await describeInterpreter(build, context, id, name);
  return {
    code: `// The interpreter ${name.id}, as all programs of this build share it. Written by unplugin-paw.\nexport default ${code};\n`,
    map: NO_MAP,
  };
}

/**
 * Writes the expression that tells client code where an interpreter's files are; fetches and converts the interpreter
 * first, where it is not here yet.
 *
 * @param id id of the module that names the files
 * @throws {LoadError} the interpreter cannot be had
 */
export async function describeInterpreter(
  build: Build,
  context: LoadContext,
  id: string,
  name: InterpreterName,
): Promise<string> {
  const { host } = build;
  const { gguf, interpreterUrl: url } = build.options;
  const emit = (asset: Asset) => host.url(context, id, asset);
  const file = (path: string) =>
    url === undefined
      ? emit({ name: `paw-${basename(path)}`, source: path })
      : JSON.stringify(`${url.replace(/\/$/, "")}/${basename(path)}`);
  const { code, files } = await build.follow(name.id, async (following) => {
    const interpreter = await openInterpreter({
      ...{ card: findCard(name.id), digest: name.digest, ...following },
      ...(gguf !== undefined && { gguf }),
    });
    const { manifest, files } = await interpreterAssets(interpreter);
    const { worker, wasm } = runtimeAssets();
    const parts = await Promise.all(files.parts.map(file));
    const code = [
      "{\n",
      `  manifest: ${JSON.stringify(manifest)},\n`,
      `  worker: ${await emit({ name: "paw-worker.js", source: worker })},\n`,
      `  wasm: ${await emit({ name: basename(wasm), source: wasm })},\n`,
      `  model: ${await file(files.model)},\n`,
      `  parts: [\n    ${parts.join(",\n    ")},\n  ],\n`,
      `  tokenizer: ${await file(files.tokenizer)},\n`,
      "}",
    ].join("");
    return { code, files: [files.model, ...files.parts, files.tokenizer] };
  });
  if (url !== undefined) host.info(context, `paw ${name.id}  expected below ${url}: ${files.join(", ")}`);
  return code;
}

/**
 * After a build for Node that asks for it: puts the interpreter beside the output, where the runtime finds it.
 *
 * @param written what the bundler says about the output
 * @throws {Error} it cannot be had, or not be written
 */
export async function placeInterpreter(build: Build, context: LoadContext, written: unknown): Promise<void> {
  const { host } = build;
  const { gguf } = build.options;
  const folder = host.output?.(context, written, build.loadedForNode);
  if (folder === undefined) return;
  const to = join(folder, BESIDE);
  try {
    const placed = await fetchInterpreter({ to, ...(gguf !== undefined && { gguf }) });
    const size = `${(placed.bytes / 1e6).toFixed(0)} MB`;
    if (placed.written) host.info(context, `paw ${placed.id}  ${size}  put into ${relative(process.cwd(), to) || to}`);
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    throw new Error(`unplugin-paw: ${message}${hint === undefined ? "" : `\nhint: ${hint}`}`, { cause: error });
  }
}
