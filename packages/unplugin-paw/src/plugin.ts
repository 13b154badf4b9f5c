import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Compiled, type CompileProgress, compile, efforts, programMeta } from "@unplugin-paw/compiler";
import { readSpec, type Spec } from "@unplugin-paw/spec";
import type { UnpluginFactory } from "unplugin";
import type { LoadContext } from "./asset/host.ts";
import { rollupHost } from "./asset/rollup.ts";
import { viteHost } from "./asset/vite.ts";
import { generateModule } from "./codegen.ts";
import { compileReport, diagnosticsReport, fail } from "./errors.ts";
import { compiledLine, terminalProgress } from "./log.ts";
import { type Options, type ResolvedOptions, resolveOptions } from "./options.ts";
import { removeTypes, writeTypes } from "./sidecar.ts";

const SPEC = /\.paw(\?|$)/;

/** The hooks that all bundlers share: a spec is loaded as the module that runs its program. */
export const factory: UnpluginFactory<Options | undefined, false> = (given = {}, { framework }) => {
  if (framework !== "vite" && framework !== "rollup") {
    throw new Error(`unplugin-paw: this version has plugins for Vite and Rollup, not for ${framework}.`);
  }
  // A configuration in JavaScript has no types that would say so.
  if (given.effort !== undefined && !efforts.includes(given.effort)) {
    throw new Error(`unplugin-paw: there is no effort "${given.effort}"; it is one of ${efforts.join(", ")}.`);
  }
  const { host, hooks } = framework === "vite" ? viteHost() : rollupHost();
  const progress = terminalProgress();
  const announced = new WeakSet<Uint8Array>();

  return {
    name: "unplugin-paw",
    load: {
      filter: { id: SPEC },
      async handler(id) {
        const file = filePath(id);
        const refusal = host.refuse(this, id);
        if (refusal !== undefined) fail(this, { message: `${file}: ${refusal}`, id: file, stack: "" });
        const options = resolveOptions(given, host.root());
        const spec = read(this, file, host.watchesModules(this) ? [] : [file]);
        declare(spec, options, this);
        const text = readFileSync(file, "utf8"); // now: it may change while the compile runs
        const compiled = await build(this, spec, options);
        const weights = host.weights(this, id, `${basename(file, ".paw")}.weights`, compiled);
        const module = generateModule(spec, text, programMeta(compiled.program), weights);
        return { ...module, moduleType: "js", moduleSideEffects: false };
      },
    },
    // Editors see a changed signature at once, not at a dev server's next request.
    watchChange(id, { event }) {
      if (!SPEC.test(id)) return;
      const file = filePath(id);
      const options = resolveOptions(given, host.root());
      if (event !== "delete") declare(readSpec(file).spec, options);
      else if (options.types !== false) removeTypes(file, { ...options, types: options.types });
    },
    [framework]: hooks,
  };

  /** The spec's program; the log tells of it once, however many environments load the spec. */
  async function build(context: LoadContext, spec: Spec, { cache, effort, gguf }: ResolvedOptions): Promise<Compiled> {
    const onProgress = host.quiet() ? undefined : (event: CompileProgress) => progress.update(spec.id, event);
    const compiling = compile(spec, {
      cache,
      effort,
      ...(gguf !== undefined && { gguf }),
      ...(onProgress && { onProgress }),
    });
    const compiled = await compiling.finally(progress.clear).catch((error) => {
      return fail(context, compileReport(error, spec.id));
    });
    if (!compiled.cached && !announced.has(compiled.weights)) {
      announced.add(compiled.weights);
      host.info(context, compiledLine(spec.id, compiled));
    }
    return compiled;
  }
};

/** Reads the spec, watches what it reads (also when it is wrong: the fix may be made there) and reports what is wrong with it. */
function read(context: LoadContext, file: string, watched: string[]): Spec {
  const { spec, diagnostics, dataFiles } = readSpec(file);
  for (const path of [...watched, ...dataFiles]) context.addWatchFile(path);
  for (const diagnostic of diagnostics)
    if (diagnostic.severity === "warning") context.warn(diagnosticsReport([diagnostic]));
  return spec ?? fail(context, diagnosticsReport(diagnostics.filter(({ severity }) => severity === "error")));
}

/** Types come from parsing alone, so they do not wait for the compile. A project that cannot be written still builds. */
function declare(spec: Spec | undefined, { root, types }: ResolvedOptions, context?: LoadContext): void {
  if (!spec || types === false) return;
  try {
    writeTypes(spec, { root, types });
  } catch (error) {
    context?.warn(`The type declarations of ${spec.id} cannot be written: ${(error as Error).message}`);
  }
}

function filePath(id: string): string {
  return id.replace(/\?.*$/s, "");
}
