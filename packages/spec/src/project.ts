import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/**
 * The folder that a spec's data files must lie in: the given one where the spec lies in it as the project's own, else
 * that of the nearest package.json (a spec of a dependency has no business in the project's files), else the spec's
 * own.
 */
export function projectOf(spec: string, root?: string): string {
  const file = resolve(spec);
  if (root !== undefined) {
    const folder = resolve(root);
    if (isInside(folder, file) && !relative(folder, file).split(sep).includes("node_modules")) return folder;
  }
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return dirname(file);
  }
}

/** True where a path lies in a folder, or is it. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The file that a path leads to over symbolic links; the path itself where there is none. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // reading it will tell
  }
}
