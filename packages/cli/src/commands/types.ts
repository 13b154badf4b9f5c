import { join, relative } from "node:path";
import type { Spec } from "@unplugin-paw/spec";
import { glob } from "tinyglobby";
import { defaultTypes, writeTypes } from "unplugin-paw/types";
import { loadSpec } from "../compiler.ts";
import { attempt, UsageError } from "../errors.ts";
import { namedKind } from "../files.ts";
import { note, print } from "../output.ts";

/**
 * `paw types`: writes the declaration files of specs, for `tsc` on a fresh clone. Reads the specs only; nothing is compiled.
 *
 * @param files default: every spec under the current folder
 * @returns the exit code
 */
export async function typesCommand(files: string[], signal: AbortSignal): Promise<number> {
  for (const file of files) namedKind(file, ".paw");
  const specs = files.length > 0 ? files : await findSpecs();
  if (specs.length === 0) note("There are no .paw files under the current folder.");
  const root = process.cwd();
  let failed = 0;
  for (const file of specs) {
    const written = await attempt(signal, async () => {
      const spec = loadSpec(file);
      return spec && writeSidecar(spec, root);
    });
    if (written === undefined) failed++;
    else print(relative(root, written));
  }
  return failed ? 1 : 0;
}

function writeSidecar(spec: Spec, root: string): string {
  const path = writeTypes(spec, { root, types: join(root, defaultTypes) });
  if (path !== undefined) return path;
  throw new UsageError(`${spec.id} is not under ${root}.`, "Run paw types in the folder of your tsconfig.json.");
}

async function findSpecs(): Promise<string[]> {
  const ignore = ["**/node_modules/**", "**/dist/**", "**/.git/**"];
  return (await glob("**/*.paw", { ignore, followSymbolicLinks: false })).sort();
}
