import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of all fixtures. */
export const fixtures: string = fileURLToPath(new URL("../fixtures", import.meta.url));

/** Copies of a fixture app, which a test may change and build. */
export interface Apps {
  /** The copies lie inside the workspace, so that what is built there finds the workspace's packages. */
  temporary: string;
  /** Programs that these tests share: each is compiled once. */
  cache: string;
  copyApp(name: string): Promise<string>;
  removeApps(): Promise<void>;
}

/** @param fixture name of a folder in `fixtures` */
export function appsOf(fixture: string): Apps {
  const temporary = fileURLToPath(new URL(`./.tmp-${fixture}-${process.pid}`, import.meta.url));
  return {
    temporary,
    cache: join(temporary, "cache"),
    async copyApp(name) {
      const folder = join(temporary, name);
      await mkdir(temporary, { recursive: true });
      await cp(join(fixtures, fixture), folder, { recursive: true });
      return folder;
    },
    async removeApps() {
      await rm(temporary, { recursive: true, force: true });
    },
  };
}

/** All files below a folder, as sorted paths relative to it. */
export async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}
