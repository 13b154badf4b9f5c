import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Path of the package.json of a package, as code in a folder finds it; undefined where it finds none. */
export function manifestOf(name: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, "package.json")).resolve(`${name}/package.json`);
  } catch {
    return undefined; // it is not there, or only it finds itself
  }
}

/** Major version of a package, as code in a folder finds it. */
export function majorOf(name: string, folder: string): number | undefined {
  const path = manifestOf(name, folder);
  return path === undefined ? undefined : Number.parseInt(JSON.parse(readFileSync(path, "utf8")).version, 10);
}
