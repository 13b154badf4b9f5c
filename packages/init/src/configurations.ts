import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { globSync } from "tinyglobby";
import { usesPlugin } from "./add-plugin.ts";
import { InitError } from "./errors.ts";
import { installed, type Manifest, type Target } from "./manifest.ts";
import { registered } from "./scripts.ts";
import { FRAMEWORKS, factsOf, OTHERS, type Tool, tools } from "./tools.ts";
import { readText } from "./write.ts";

/** What has a configuration that may be the project's own. */
const BUNDLERS = tools.filter((tool) => tool !== "vitest" && !FRAMEWORKS.includes(tool));

/** A bundler's configuration, or a framework's. */
export interface Configuration {
  tool: Tool;
  path: string;
  /** Undefined for a file that is still to be made. */
  text: string | undefined;
}

const EXTENSIONS = "{ts,mts,cts,js,mjs,cjs}";
const HINT =
  "paw init knows vite.config, rollup.config, rolldown.config, webpack.config, rspack.config, tsdown.config, tsup.config, next.config, " +
  "nuxt.config, astro.config, electron.vite.config, vitest.config, scripts that call esbuild, and scripts of package.json that call node " +
  "or tsx; name another file: paw init build/webpack.common.js";

/**
 * The configuration of the project's framework or bundler; undefined where it has neither, and scripts that call Node.
 *
 * @param named a file that the user names
 * @throws {InitError} there is none, or one of several
 */
export function findConfiguration(
  root: string,
  manifest: Manifest,
  named: string | undefined,
): Configuration | undefined {
  if (named !== undefined) return namedConfiguration(named);
  const there = installed(manifest);
  const has = (tool: Tool) => Object.hasOwn(there, factsOf(tool).package);
  for (const tool of FRAMEWORKS) {
    const [found] = candidates(tool, root);
    if (found) return found;
    if (has(tool)) return started(tool, root, manifest);
  }
  const found = BUNDLERS.flatMap((tool) => candidates(tool, root));
  if (found.length === 0) found.push(...esbuildScripts(root, manifest));
  // (Where one has the plugin, that is the one.)
  const chosen = found.find(({ text = "" }) => usesPlugin(text)) ?? found[0];
  if (chosen && (found.length === 1 || usesPlugin(chosen.text ?? ""))) return chosen;
  if (found.length > 1) {
    const names = found.map(({ path }) => basename(path)).join(" and ");
    throw new InitError(
      "PROJECT",
      `There are ${names}.`,
      `Name the one that is to have the plugin: paw init ${basename(found[0]?.path ?? "")}`,
    );
  }
  const other = Object.keys(OTHERS).find((name) => Object.hasOwn(there, name));
  if (other !== undefined) {
    const hint = `Its configuration is ${OTHERS[other]}; see docs/frameworks.md and docs/bundlers.md.`;
    throw new InitError("PROJECT", `This is a project of ${other}, which paw init does not know.`, hint);
  }
  const library = (["tsdown", "tsup"] as const).find(has);
  if (library) return started(library, root, manifest);
  const [tests] = candidates("vitest", root);
  if (tests && !existsSync(join(root, "index.html"))) return tests;
  const tool = (["vite", "vitest"] as const).find(has);
  if (tool) return started(tool, root, manifest);
  if (Object.keys(registered(manifest)).length > 0) return undefined;
  throw new InitError("PROJECT", "There is no bundler's configuration here.", HINT);
}

/** The configuration of Vitest, where it is another one and does not take over the project's own. */
export function findTests(root: string, { tool, path }: Configuration): Configuration | undefined {
  const [tests] = candidates("vitest", root);
  if (!tests || tests.path === path) return undefined;
  const shares = /vite\.config|getViteConfig|defineVitestConfig|\bmergeConfig\b/.test(tests.text ?? "");
  return shares || tool === "vitest" ? undefined : tests;
}

/** A configuration for a tool that does without. */
function started(tool: Tool, root: string, manifest: Manifest): Configuration {
  const { file = "" } = factsOf(tool);
  const extension = existsSync(join(root, "tsconfig.json")) && tool !== "next" ? "ts" : "js";
  const prefix = manifest.type === "module" ? "" : "m";
  return { tool, path: join(root, `${file}.${prefix}${extension}`), text: undefined };
}

function namedConfiguration(path: string): Configuration {
  const text = readText(path);
  if (text === undefined) throw new InitError("PROJECT", `There is no file ${path}.`);
  const tool =
    tools.find((name) => basename(path).startsWith(factsOf(name).file ?? name)) ??
    BUNDLERS.find((name) => basename(path).startsWith(name)) ??
    tools.find((name) => new RegExp(`["']${factsOf(name).package}(?:/config)?["']`).test(text));
  if (tool) return { tool, path: resolve(path), text };
  throw new InitError("PROJECT", `${path} does not say which bundler it is for.`, HINT);
}

function candidates(tool: Tool, root: string): Configuration[] {
  const { file } = factsOf(tool);
  if (file === undefined) return [];
  const files = globSync(`${file}.${EXTENSIONS}`, { cwd: root });
  return files.map((name) => ({ tool, path: join(root, name), text: readText(join(root, name)) }));
}

/** Scripts that call esbuild: those that package.json runs, or that are called as such scripts are. */
function esbuildScripts(root: string, { scripts = {} }: Manifest): Configuration[] {
  const run = Object.values(scripts).flatMap((command) => command.match(/[\w./-]+\.[cm]?[jt]s\b/g) ?? []);
  const usual = globSync(`{,scripts/}{build,esbuild}*.${EXTENSIONS}`, { cwd: root });
  const files = new Set([...run, ...usual].map((file) => join(root, file)));
  return [...files].flatMap((path): Configuration[] => {
    const text = readText(path);
    return text && /(?:from|require\()\s*["']esbuild["']/.test(text) ? [{ tool: "esbuild", path, text }] : [];
  });
}

/** Where the functions of a project will run, as far as its configuration shows it. */
export function targetsOf({ tool, path, text = "" }: Configuration, { scripts = {} }: Manifest): Target[] {
  const says = (pattern: RegExp) => pattern.test(text);
  switch (tool) {
    case "next":
    case "nuxt":
    case "astro":
      return ["node", "web"];
    case "electron-vite":
    case "vitest":
      return ["node"];
    case "tsdown":
    case "tsup":
      return says(/\bplatform\s*:\s*["']browser/) ? ["web"] : ["node"];
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
