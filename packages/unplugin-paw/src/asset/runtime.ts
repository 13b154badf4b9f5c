import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { shown } from "../errors.ts";
import { RUNTIME } from "./host.ts";

/**
 * The runtime for a spec, for Node: of the package that the spec lies in, else of the project. (A package manager with an isolated
 * `node_modules` shows a linked package only what its own package.json names.)
 *
 * @throws {Error} neither has it; says which line is missing where
 */
export function findRuntime(spec: string, root: string): string {
  for (const folder of [dirname(spec), root]) {
    try {
      return createRequire(join(folder, "package.json")).resolve(RUNTIME);
    } catch {
      // the next one may have it
    }
  }
  throw new Error(missingRuntime(spec, root));
}

/** What to do about a runtime that is not there. */
export function missingRuntime(spec: string, root: string): string {
  const manifest = manifestOf(root);
  const own = manifestOf(dirname(spec));
  const place = [...new Set([own, manifest])].map((path) => shown(path)).join(", or ");
  return [
    `${shown(spec)} needs the package ${RUNTIME}, which is found neither from there nor from ${shown(root) || "the project"}.`,
    `hint: Add "${RUNTIME}": "${packageJson.peerDependencies[RUNTIME]}" to the "dependencies" of ${place}, and install.`,
  ].join("\n");
}

/** The package.json that a folder belongs to. */
function manifestOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, "package.json");
    try {
      readFileSync(path);
      return path;
    } catch {
      if (dirname(at) === at) return join(folder, "package.json");
    }
  }
}
