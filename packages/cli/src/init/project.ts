import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { globSync } from "tinyglobby";
import { UsageError } from "../errors.ts";
import { namedFile } from "../files.ts";
import { type Bundler, usesPlugin } from "./config.ts";
import { readText } from "./files.ts";
import { installed, type Manifest, type Target } from "./manifest.ts";

/** A bundler's configuration. */
export interface Configuration {
  bundler: Bundler;
  path: string;
  /** Undefined for a file that is still to be made. */
  text: string | undefined;
}

const PACKAGES: Record<Bundler, string> = {
  vite: "vite",
  rollup: "rollup",
  rolldown: "rolldown",
  webpack: "webpack",
  rspack: "@rspack/core",
  esbuild: "esbuild",
};
const BUNDLERS = Object.keys(PACKAGES) as Bundler[];
const EXTENSIONS = "{ts,mts,cts,js,mjs,cjs}";
const HINT =
  "paw init knows vite.config, rollup.config, rolldown.config, webpack.config and rspack.config, and scripts that call esbuild; " +
  "name another file: paw init build/webpack.common.js";

/**
 * The configuration of the project's bundler.
 *
 * @param named a file that the user names
 * @throws {UsageError} there is none, or one of several
 */
export function findConfiguration(root: string, manifest: Manifest, named: string | undefined): Configuration {
  if (named !== undefined) return namedConfiguration(named);
  const found = BUNDLERS.flatMap((bundler) => (bundler === "esbuild" ? [] : candidates(bundler, root)));
  if (found.length === 0) found.push(...esbuildScripts(root, manifest));
  // (Where one has the plugin, that is the one.)
  const chosen = found.find(({ text = "" }) => usesPlugin(text)) ?? found[0];
  if (chosen && (found.length === 1 || usesPlugin(chosen.text ?? ""))) return chosen;
  if (found.length > 1) {
    const names = found.map(({ path }) => basename(path)).join(" and ");
    throw new UsageError(
      `There are ${names}.`,
      `Name the one that is to have the plugin: paw init ${basename(found[0]?.path ?? "")}`,
    );
  }
  if (!Object.hasOwn(installed(manifest), "vite"))
    throw new UsageError("There is no bundler's configuration here.", HINT);
  // Vite needs none.
  const extension = existsSync(join(root, "tsconfig.json")) ? "ts" : "js";
  const prefix = manifest.type === "module" ? "" : "m";
  return { bundler: "vite", path: join(root, `vite.config.${prefix}${extension}`), text: undefined };
}

function namedConfiguration(path: string): Configuration {
  namedFile(path);
  const text = readText(path) ?? "";
  const bundler =
    BUNDLERS.find((name) => basename(path).startsWith(name)) ??
    BUNDLERS.find((name) => new RegExp(`["']${PACKAGES[name]}(?:/config)?["']`).test(text));
  if (bundler) return { bundler, path: resolve(path), text };
  throw new UsageError(`${path} does not say which bundler it is for.`, HINT);
}

function candidates(bundler: Bundler, root: string): Configuration[] {
  const files = globSync(`${bundler}.config.${EXTENSIONS}`, { cwd: root });
  return files.map((file) => ({ bundler, path: join(root, file), text: readText(join(root, file)) }));
}

/** Scripts that call esbuild: those that package.json runs, or that are called as such scripts are. */
function esbuildScripts(root: string, { scripts = {} }: Manifest): Configuration[] {
  const run = Object.values(scripts).flatMap((command) => command.match(/[\w./-]+\.[cm]?[jt]s\b/g) ?? []);
  const usual = globSync(`{,scripts/}{build,esbuild}*.${EXTENSIONS}`, { cwd: root });
  const files = new Set([...run, ...usual].map((file) => join(root, file)));
  return [...files].flatMap((path): Configuration[] => {
    const text = readText(path);
    return text && /(?:from|require\()\s*["']esbuild["']/.test(text) ? [{ bundler: "esbuild", path, text }] : [];
  });
}

/** Where the functions of a project will run, as far as its configuration shows it. */
export function targetsOf({ bundler, path, text = "" }: Configuration, { scripts = {} }: Manifest): Target[] {
  const says = (pattern: RegExp) => pattern.test(text);
  switch (bundler) {
    case "vite": {
      const server = says(/\bssr\s*:/) || Object.values(scripts).some((command) => command.includes("--ssr"));
      const page = existsSync(join(dirname(path), "index.html")) || says(/\blib\s*:/);
      // Neither: a framework with a server and pages of its own.
      return server === page ? ["node", "web"] : server ? ["node"] : ["web"];
    }
    case "rollup":
      return says(/\bbrowser\s*:\s*true\b/) ? ["web"] : ["node"];
    case "webpack":
    case "rspack":
      return says(/\btarget\s*:\s*\[?\s*["'](?:async-)?node/) ? ["node"] : ["web"];
    default:
      return says(/\bplatform\s*:\s*["']node/) ? ["node"] : ["web"];
  }
}

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
