import { basename, join, resolve } from "node:path";
import { findSpecs } from "@unplugin-paw/spec/find";
import { type CompilerFlags, cacheFolder, compileSpec, loadSpec } from "../compiler.ts";
import { attempt, UsageError, WriteError } from "../errors.ts";
import { existing, namedKind, writeWhole } from "../files.ts";
import { coverageTable, note, percent, print, size } from "../output.ts";
import { type Shard, takeShard } from "../shard.ts";
import { type TeacherFlags, withPairs } from "../teacher.ts";

export interface CompileFlags extends CompilerFlags, TeacherFlags {
  out?: string;
  /** Write no `.weights` files: the program is in the cache. */
  cacheOnly?: boolean;
  shard?: Shard;
}

/**
 * `paw compile`: writes a `.weights` file for every spec and prints its path. A spec that fails leaves its old file as
 * it is, and the others are still compiled.
 *
 * @param named default: every spec under the current folder
 * @returns the exit code
 */
export async function compileCommand(named: string[], flags: CompileFlags, signal: AbortSignal): Promise<number> {
  for (const file of named) namedKind(file, ".paw");
  if (flags.cacheOnly && flags.cache === false)
    throw new UsageError("--cache-only and --no-cache leave nothing to do.");
  const all = named.length > 0 ? named : findSpecs();
  if (all.length === 0) note("There are no .paw files under the current folder.");
  // Of all of them: a clash of two files is one on every machine.
  const targets = flags.cacheOnly ? new Map<string, string>() : outputs(all, flags.out);
  const files = flags.shard ? takeShard(all, flags.shard) : all;
  if (flags.shard) note(`shard ${flags.shard.index}/${flags.shard.count}: ${files.length} of ${all.length} specs`);
  let failed = 0;
  for (const file of files) {
    const done = await attempt(signal, () => compileFile(file, targets.get(file), flags, signal));
    if (!done) failed++;
  }
  return failed ? 1 : 0;
}

async function compileFile(
  file: string,
  target: string | undefined,
  flags: CompileFlags,
  signal: AbortSignal,
): Promise<boolean> {
  const written = loadSpec(file, flags, "with warnings");
  const spec = written && (await withPairs(written, flags, signal));
  if (!spec) return false;
  const { metadata, weights, report, seconds, cached, path } = await compileSpec(spec, flags, signal);
  if (target !== undefined) await writeWhole(target, weights, signal);
  else if (path === undefined)
    throw new WriteError(cacheFolder(flags), new Error("the program could not be kept there"));
  const tests =
    report.accuracy === null
      ? "no tests"
      : `${report.passed} of ${report.passed + report.failed} tests passed (${percent(report.accuracy)})`;
  note(`${file}: ${size(weights.length)}, ${tests}, ${cached ? "from the cache" : `${seconds.toFixed(1)} s`}`);
  if (metadata.scores.coverage) note(coverageTable(metadata));
  print(target ?? (path as string));
  return true;
}

/** Which file each spec is written to. */
function outputs(files: string[], out: string | undefined): Map<string, string> {
  const targets = new Map<string, string>();
  const folder = out !== undefined && isFolder(out, files.length);
  for (const file of files) {
    const name = `${basename(file, ".paw")}.weights`;
    const target = out === undefined ? file.replace(/\.paw$/, ".weights") : folder ? join(out, name) : out;
    const known = [...targets].find(([, other]) => resolve(other) === resolve(target));
    if (known) throw new UsageError(`${known[0]} and ${file} would both be written to ${target}.`);
    targets.set(file, target);
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
