import { existsSync, readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packages, type Tarball, workspace } from "./tarballs.ts";

/**
 * Bytes of what npm installs for packages of ours, by package: these, and all that they depend on. Peers are the user's
 * own.
 */
export async function installedBytes(
  names: readonly string[],
  tarballs: readonly Tarball[],
): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  const visit = async (name: string, from: string): Promise<void> => {
    const own = packages.find((one) => one.name === name);
    const place = own ? join(workspace, "packages", own.folder) : placeOf(name, from);
    if (bytes.has(place)) return;
    bytes.set(place, 0);
    bytes.set(place, await sizeOf(tarballs.find((one) => one.name === name)?.content ?? place));
    const { dependencies = {} } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
    for (const dependency of Object.keys(dependencies)) await visit(dependency, place);
  };
  for (const name of names) await visit(name, workspace);
  return bytes;
}

/** As Node looks for a package: beside the one that imports it, and in the folders above. */
function placeOf(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(place)) return place;
    if (folder === dirname(folder)) throw new Error(`${name}, which ${from} depends on, is not installed`);
  }
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // What lies in a package's own node_modules is counted by its name.
    if (entry.isFile() && !path.slice(folder.length).includes("node_modules")) bytes += (await stat(path)).size;
  }
  return bytes;
}
