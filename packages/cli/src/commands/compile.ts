import { basename, join, resolve } from "node:path";
import { type CompilerFlags, compileSpec, loadSpec } from "../compiler.ts";
import { attempt, UsageError } from "../errors.ts";
import { existing, namedKind, writeWhole } from "../files.ts";
import { note, percent, print, size } from "../output.ts";

export interface CompileFlags extends CompilerFlags {
  out?: string;
}

/**
 * `paw compile`: writes a `.weights` file for every spec and prints its path. A spec that fails leaves its old file as it is, and the
 * others are still compiled.
 *
 * @returns the exit code
 */
export async function compileCommand(files: string[], flags: CompileFlags, signal: AbortSignal): Promise<number> {
  for (const file of files) namedKind(file, ".paw");
  const targets = outputs(files, flags.out);
  let failed = 0;
  for (const [target, file] of targets) {
    const done = await attempt(signal, () => compileFile(file, target, flags, signal));
    if (!done) failed++;
  }
  return failed ? 1 : 0;
}

async function compileFile(file: string, target: string, flags: CompileFlags, signal: AbortSignal): Promise<boolean> {
  const spec = loadSpec(file, "with warnings");
  if (!spec) return false;
  const { weights, report, seconds, cached } = await compileSpec(spec, flags, signal);
  await writeWhole(target, weights, signal);
  const tests =
    report.accuracy === null
      ? "no tests"
      : `${report.passed} of ${report.passed + report.failed} tests passed (${percent(report.accuracy)})`;
  note(`${file}: ${size(weights.length)}, ${tests}, ${cached ? "from the cache" : `${seconds.toFixed(1)} s`}`);
  print(target);
  return true;
}

/** Which file each spec is written to. */
function outputs(files: string[], out: string | undefined): Map<string, string> {
  const targets = new Map<string, string>();
  const folder = out !== undefined && isFolder(out, files.length);
  for (const file of files) {
    const name = `${basename(file, ".paw")}.weights`;
    const target = out === undefined ? file.replace(/\.paw$/, ".weights") : folder ? join(out, name) : out;
    const known = [...targets].find(([other]) => resolve(other) === resolve(target));
    if (known) throw new UsageError(`${known[1]} and ${file} would both be written to ${target}.`);
    targets.set(target, file);
  }
  return targets;
}

function isFolder(out: string, specs: number): boolean {
  if (out.endsWith(".paw")) {
    throw new UsageError(`${out} would overwrite a spec.`, "-o names a .weights file or a folder.");
  }
  const wanted = specs > 1 || /[/\\]$/.test(out);
  // Without the slash at its end a file is found where a folder is wanted.
  const stat = existing(resolve(out));
  if (wanted && stat && !stat.isDirectory()) throw new UsageError(`${out} is a file, not a folder.`);
  return wanted || stat?.isDirectory() === true;
}
