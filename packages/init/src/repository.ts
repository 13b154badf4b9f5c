import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readText } from "./write.ts";

/** The command that installs the packages of a project. */
export function installCommand(root: string): string {
  const locks = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
  };
  for (const folder of upwards(root)) {
    for (const [lock, manager] of Object.entries(locks)) {
      if (existsSync(join(folder, lock))) return `${manager} install`;
    }
  }
  return "npm install";
}

/** Whether git ignores `.paw` already, or does not matter here. */
export function ignoresTypes(root: string): boolean {
  for (const folder of upwards(root)) {
    if (/^(?:\*\*\/|\/)?\.paw\/?\s*$/m.test(readText(join(folder, ".gitignore")) ?? "")) return true;
    if (existsSync(join(folder, ".git"))) return false;
  }
  return !existsSync(join(root, ".gitignore"));
}

/** A folder and all that it lies in. */
function* upwards(folder: string): Generator<string> {
  yield folder;
  if (dirname(folder) !== folder) yield* upwards(dirname(folder));
}
