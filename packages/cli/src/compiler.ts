import { type Compiled, compile, type Effort } from "@unplugin-paw/compiler";
import { formatDiagnostic, readSpec, type Spec } from "@unplugin-paw/spec";
import { namedFile } from "./files.ts";
import { note } from "./output.ts";
import { startProgress } from "./progress.ts";

/** The flags that `compile`, `run` and `test` share. */
export interface CompilerFlags {
  effort: Effort;
  gguf?: string;
  /** False for `--no-cache`. */
  cache?: string | boolean;
}

/**
 * Reads a spec and prints what is wrong with it; undefined where that is an error.
 *
 * @param warnings whether warnings are printed too: for the commands that judge a spec rather than use it
 */
export function loadSpec(file: string, warnings?: "with warnings"): Spec | undefined {
  const { spec, diagnostics } = readSpec(file);
  for (const diagnostic of diagnostics) {
    if (warnings || diagnostic.severity === "error") note(`${formatDiagnostic(diagnostic)}\n`);
  }
  return spec;
}

/** Compiles with progress on the terminal. */
export async function compileSpec(spec: Spec, flags: CompilerFlags, signal: AbortSignal): Promise<Compiled> {
  if (flags.gguf !== undefined) namedFile(flags.gguf);
  const progress = startProgress(spec.name);
  try {
    return await compile(spec, {
      effort: flags.effort,
      onProgress: progress.update,
      signal,
      ...(flags.gguf === undefined ? {} : { gguf: flags.gguf }),
      ...(typeof flags.cache === "string" ? { cache: flags.cache } : flags.cache === false ? { cache: false } : {}),
    });
  } finally {
    progress.stop();
  }
}

/**
 * The spec without its accuracy gate. The gate is for builds: `paw run` lets people try a program that does not pass it yet, and
 * `paw test` shows every test. It is the same program: the cache goes by the spec's text.
 */
export function ungated({ accuracy: _, ...spec }: Spec): Spec {
  return spec;
}
