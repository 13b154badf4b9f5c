import { type Compiled, compile, defaultCache } from "@unplugin-paw/compiler";
import type { Spec } from "@unplugin-paw/spec";
import { printable } from "@unplugin-paw/spec/printable";
import type { Build } from "../build.ts";
import type { Drafting, LoadContext } from "../hosts/host.ts";
import { compiledLine } from "../log.ts";
import { compileOptions } from "../options.ts";
import { compileReport, fail } from "../reports.ts";
import { shared } from "../shared.ts";

/**
 * The program of a spec: trained, or the one that a developer gets at once.
 *
 * @throws {LoadError} the compile failed
 */
export async function programOf(build: Build, context: LoadContext, spec: Spec, drafted: boolean): Promise<Compiled> {
  return drafted ? await draftedProgram(build, spec) : await trainedProgram(build, context, spec);
}

async function draftedProgram({ host, options }: Build, spec: Spec): Promise<Compiled> {
  const { development } = host.drafts as Drafting;
  const compiling = development.program(spec, { ...compileOptions(options), draftCache: defaultCache(options.root) });
  return await compiling.catch((error) => fail(compileReport(error, spec.id)));
}

/** (The log has one line about a compile, however many environments load the spec.) */
async function trainedProgram(build: Build, context: LoadContext, spec: Spec): Promise<Compiled> {
  const { host, options } = build;
  const compiling = build.follow(spec.id, (following) =>
    compile(spec, {
      ...compileOptions(options),
      onWarning: (message) => host.warn(context, { message: printable(message, "\n") }),
      ...following,
    }),
  );
  const compiled = await (host.hurry?.(spec.id, compiling) ?? compiling);
  if (!compiled.cached && !shared.announced.has(compiled.weights)) {
    shared.announced.add(compiled.weights);
    host.info(context, compiledLine(spec.id, compiled));
  }
  return compiled;
}
