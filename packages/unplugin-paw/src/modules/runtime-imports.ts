import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { RUNTIME } from "../hosts/host.ts";
import { manifestOf } from "../installed.ts";
import { fail, hinted, type Report, shown } from "../reports.ts";

/** What a generated module imports the runtime by. */
export interface RuntimeImports {
  main: string;
  hot: string;
}

/**
 * How a module reaches the runtime: in a browser's bundle, in one for Node (which leaves it outside), or run by Node
 * where it lies.
 */
export type RunsIn = "browser" | "bundle" | "place";

/**
 * The runtime for a spec: its own package's, else the project's. (A package manager with an isolated `node_modules`,
 * such as pnpm, shows a linked package only what its own package.json names.) Undefined where the package's name will
 * do.
 *
 * @throws {LoadError} neither has it
 */
export function runtimeFor(spec: string, root: string, runsIn: RunsIn): RuntimeImports | undefined {
  if (manifestOf(RUNTIME, dirname(spec))) return undefined;
  const path = manifestOf(RUNTIME, root);
  if (!path) fail(missing(spec, root));
  if (runsIn === "bundle") return undefined; // it is looked for from the output
  const { exports } = JSON.parse(readFileSync(path, "utf8"));
  const file = (at: string) => join(dirname(path), at).replaceAll("\\", "/");
  const own = { main: file(exports["."].default), hot: file(exports["./hot"].default) };
  if (runsIn === "browser") return { ...own, main: file(exports["."].browser.default) };
  return { main: pathToFileURL(own.main).href, hot: pathToFileURL(own.hot).href };
}

function missing(spec: string, root: string): Report {
  const places = [...new Set([packageOf(dirname(spec)), packageOf(root)])].map(shown).join(" or ");
  return hinted(
    `${shown(spec)} needs the package ${RUNTIME}, which is found neither from there nor from ${shown(packageOf(root))}.`,
    `Add "${RUNTIME}": "${packageJson.peerDependencies[RUNTIME]}" to the "dependencies" of ${places}, and install.`,
    spec,
  );
}

/** The package.json that a folder belongs to. */
function packageOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return join(at, "package.json");
    if (dirname(at) === at) return join(folder, "package.json");
  }
}
