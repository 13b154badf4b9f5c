import { type Compiled, compile, defaultCache, type Effort } from "@unplugin-paw/compiler";
import { formatDiagnostic, readSpec, type Spec } from "@unplugin-paw/spec";
import { namedFile } from "./files.ts";
import { note, plain, style } from "./output.ts";
import { startProgress } from "./progress.ts";

export interface CacheFlag {
  /** False for `--no-cache`. */
  cache?: string | boolean;
}

/** The flags that `compile`, `run` and `test` share. */
export interface CompilerFlags extends CacheFlag {
  effort: Effort;
  gguf?: string;
  frozen?: boolean;
  remote?: string;
  /** Data files may lie outside of the project. */
  allowOutside?: boolean;
}

/** The folder of compiled programs. */
export function cacheFolder({ cache }: CacheFlag): string {
  return typeof cache === "string" ? cache : defaultCache(process.cwd());
}

/**
 * Reads a spec and prints what is wrong with it; undefined where that is an error.
 *
 * @param warnings whether warnings are printed too: for the commands that judge a spec rather than use it
 */
export function loadSpec(
  file: string,
  { allowOutside = false }: Pick<CompilerFlags, "allowOutside">,
  warnings?: "with warnings",
): Spec | undefined {
  const { spec, diagnostics } = readSpec(file, { allowOutside });
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
      cache: flags.cache === false ? false : cacheFolder(flags),
      frozen: flags.frozen === true,
      onProgress: progress.update,
      onWarning: (message) => {
        progress.stop();
        note(`${style("yellow", "warning:", process.stderr)} ${plain(message)}`);
      },
      signal,
      ...(flags.gguf === undefined ? {} : { gguf: flags.gguf }),
      ...(flags.remote === undefined ? {} : { remote: flags.remote }),
    });
  } finally {
    progress.stop();
  }
}

/**
 * The spec without its accuracy gate. The gate is for builds: `paw run` lets people try a program that does not pass it
 * yet, and `paw test` shows every test. It is the same program: the cache goes by the spec's text.
 */
export function ungated({ accuracy: _, ...spec }: Spec): Spec {
  return spec;
}
