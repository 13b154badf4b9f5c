import { join, relative } from "node:path";
import { findSpecs } from "@unplugin-paw/spec/find";
import { BESIDE, defaultTypes, pruneTypes, type TypesFolder, writeTypes } from "@unplugin-paw/spec/sidecar";
import { loadSpec } from "../compiler.ts";
import { attempt, UsageError } from "../errors.ts";
import { namedKind } from "../files.ts";
import { note, print } from "../output.ts";

/**
 * `paw types`: writes the declaration files of specs, for `tsc` on a fresh clone, and prints what changed. Without
 * files it also removes those of specs that are gone. Reads the specs only; nothing is compiled.
 *
 * @param files default: every spec under the current folder
 * @returns the exit code
 */
export async function typesCommand(files: string[], flags: { beside?: boolean }, signal: AbortSignal): Promise<number> {
  for (const file of files) namedKind(file, ".paw");
  const root = process.cwd();
  const folder: TypesFolder = { root, types: flags.beside ? BESIDE : join(root, defaultTypes) };
  const specs = files.length > 0 ? files : findSpecs(root);
  const counts = { failed: 0, changed: 0 };
  const changed = (what: string, path: string) => {
    counts.changed++;
    print(`${what} ${relative(root, path)}`);
  };
  for (const file of specs) {
    const written = await attempt(signal, async () => writeSidecar(file, folder));
    if (written === undefined) counts.failed++;
    else if (written.changed) changed("wrote", written.path);
  }
  if (files.length === 0) {
    const removed = await attempt(signal, async () => pruneTypes(folder));
    if (removed === undefined) counts.failed++;
    for (const path of removed ?? []) changed("removed", path);
  }
  if (specs.length === 0) note("There are no .paw files under the current folder.");
  else if (counts.failed + counts.changed === 0) {
    note(`The declarations of ${specs.length === 1 ? "1 spec" : `${specs.length} specs`} are up to date.`);
  }
  return counts.failed ? 1 : 0;
}

function writeSidecar(file: string, folder: TypesFolder): ReturnType<typeof writeTypes> {
  const spec = loadSpec(file, { allowOutside: true }); // types do not depend on data
  if (!spec) return undefined;
  const written = writeTypes(spec, folder);
  if (written) return written;
  throw new UsageError(`${spec.id} is not under ${folder.root}.`, "Run paw types in the folder of your tsconfig.json.");
}
