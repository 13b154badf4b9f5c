import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { declarationsBehind, defaultTypes } from "@unplugin-paw/spec/sidecar";
import { globSync } from "tinyglobby";
import { JsonText } from "./json-text.ts";
import { readText } from "./write.ts";

/** What serves imports of specs that have no declarations yet. */
export const CLIENT = "unplugin-paw/client";

/** A tsconfig file, read. */
interface Config {
  path: string;
  json: JsonText;
}

/** What a tsconfig file is to become. */
export interface TsconfigEdit {
  path: string;
  before: string;
  after: string;
  /**
   * Where a declaration file with a reference to the fallback belongs: the folder of the sources. Absent where `types`
   * has it.
   */
  environment?: string;
}

/**
 * The settings for all tsconfig files of a project that hold sources: the one at the root, or those that it refers to.
 *
 * @throws {Error} a file cannot be understood
 */
export function editTsconfigs(root: string): TsconfigEdit[] {
  return withSources(join(root, "tsconfig.json"), root).map(({ config, sources }) =>
    editTsconfig(config, root, sources),
  );
}

/** The lines that somebody adds by hand. */
export const settingsByHand: string = `  "allowArbitraryExtensions": true,
  "rootDirs": [".", "./${defaultTypes}"],
  "types": ["${CLIENT}"],`;

function editTsconfig({ path, json }: Config, root: string, sources: readonly string[]): TsconfigEdit {
  const folder = dirname(path);
  const added: Record<string, unknown> = {};
  const option = (name: string) => inherited({ path, json }, name);

  if (json.get("compilerOptions", "allowArbitraryExtensions") === false) {
    json.replace(["compilerOptions", "allowArbitraryExtensions"], true);
  } else if (option("allowArbitraryExtensions")?.value !== true) added.allowArbitraryExtensions = true;

  const rootDirs = [root, join(root, defaultTypes)].map((wanted) => shown(folder, wanted));
  extend("rootDirs", rootDirs, (value, from) => {
    return value.startsWith("${") || isAbsolute(value) ? value : shown(folder, resolve(from, value));
  });
  extendPaths();
  const types = option("types");
  // (A list where there was none would switch all others off.)
  if (types) extend("types", [CLIENT], (value) => value);
  json.add("compilerOptions", added);
  const edit = { path, before: json.original, after: json.toString() };
  return types ? edit : { ...edit, environment: dirname(sources[0] ?? join(folder, "x")) };

  /**
   * Gives each alias of sources a second place, where their declarations are: `rootDirs` counts for relative paths
   * alone. Aliases that a framework generates are left to it.
   */
  function extendPaths(): void {
    const { value, from = folder } = option("paths") ?? {};
    const generated = relative(root, from)
      .split(sep)
      .some((part) => part === "node_modules" || /^\.[^.]/.test(part));
    if (typeof value !== "object" || value === null || generated) return;
    const baseUrl = option("baseUrl");
    // (Of one that is inherited, what is taken over starts from here.)
    const base = baseUrl ? resolve(baseUrl.from, String(baseUrl.value)) : folder;
    const there = Object.entries(value).map(([alias, targets]) => {
      return [alias, (targets as string[]).map((target) => resolve(baseUrl ? base : from, target))] as const;
    });
    const missing = there.map(([alias, targets]) => {
      const wanted = targets.flatMap(
        (target) => declarationsBehind(target, { root, types: join(root, defaultTypes) }) ?? [],
      );
      return [alias, wanted.filter((path) => !targets.includes(path)).map((path) => shown(base, path))] as const;
    });
    if (missing.every(([, paths]) => paths.length === 0)) return;
    if (json.get("compilerOptions", "paths") !== undefined) {
      for (const [alias, paths] of missing) if (paths.length > 0) json.push(["compilerOptions", "paths", alias], paths);
    } else {
      added.paths = Object.fromEntries(
        there.map(([alias, targets], i) => [
          alias,
          [...targets.map((path) => shown(base, path)), ...(missing[i]?.[1] ?? [])],
        ]),
      );
    }
  }

  /** Adds to a list of the file itself, or takes over one that it inherits. */
  function extend(name: string, wanted: string[], rebase: (value: string, from: string) => string): void {
    const { value = [], from = folder } = option(name) ?? {};
    if (!Array.isArray(value)) throw new Error(`\`${name}\` is no list`);
    const there = value.map((item) => rebase(String(item), from));
    const missing = wanted.filter((item) => !there.some((other) => other === item || slashed(other) === slashed(item)));
    if (missing.length === 0) return;
    if (json.get("compilerOptions", name) === undefined) added[name] = [...there, ...missing];
    else json.push(["compilerOptions", name], missing);
  }
}

const slashed = (path: string) => path.replace(/\/$/, "").replace(/^\.\/(?=.)/, "");

/** A path as tsconfig files have it: relative to their folder. */
function shown(folder: string, path: string): string {
  const way = relative(folder, path).split(sep).join("/");
  return way === "" ? "." : /^\.\.(?:\/|$)/.test(way) ? way : `./${way}`;
}

/** The tsconfig files that hold sources, with these. */
function withSources(path: string, root: string): { config: Config; sources: string[] }[] {
  const config = read(path);
  const sources = sourcesOf(config);
  if (sources.length > 0) return [{ config, sources }];
  const references = (config.json.get("references") ?? []) as { path?: string }[];
  const found = references.flatMap(({ path: reference = "" }) => {
    const target = configAt(resolve(dirname(path), reference));
    // Another package has its own; a folder with a dot is somebody else's output.
    const foreign = relative(root, target)
      .split(sep)
      .some((part) => part.startsWith("."));
    if (foreign || (dirname(target) !== root && existsSync(join(dirname(target), "package.json")))) return [];
    return withSources(target, root);
  });
  if (found.length > 0 || basename(path) !== "tsconfig.json" || dirname(path) !== root) return found;
  if (references.length > 0) throw new Error("none of the files that it refers to has sources of this package");
  return [{ config, sources }];
}

/** The sources that a tsconfig file names, not counting the configurations of tools. */
function sourcesOf({ path, json }: Config): string[] {
  const cwd = dirname(path);
  const list = (name: string) => json.get(name) as string[] | undefined;
  const patterns = list("include") ?? (list("files") ? [] : ["**/*"]);
  const ignore = [...(list("exclude") ?? []), "**/node_modules/**", "**/dist/**", "**/.*/**"];
  const found =
    patterns.length > 0
      ? globSync(
          patterns.map((pattern) => pattern.replace(/^\.\//, "")),
          { cwd, ignore },
        )
      : [];
  return [...(list("files") ?? []), ...found]
    .filter(
      (file) =>
        /\.(?:[cm]?[jt]sx?|vue|svelte|astro|paw)$/.test(file) && !/\.d\.[cm]?ts$|^(?:\.\/)?[^/]*\.config\./.test(file),
    )
    .sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1))
    .map((file) => join(cwd, file));
}

/** An option with the folder of the file that says it: a file itself, or one that it extends. */
function inherited({ path, json }: Config, name: string): { value: unknown; from: string } | undefined {
  const value = json.get("compilerOptions", name);
  if (value !== undefined) return { value, from: dirname(path) };
  const bases = [json.get("extends") ?? []].flat() as string[];
  for (const base of bases.reverse()) {
    const found = inherited(readBase(base, path), name);
    if (found) return found;
  }
  return undefined;
}

/**
 * What SvelteKit will write there: a fresh clone lacks it until `svelte-kit sync`, and `rootDirs` of one's own replaces
 * its list.
 */
const SVELTE_KIT = '{ "compilerOptions": { "rootDirs": ["..", "./types"] } }';

function readBase(base: string, path: string): Config {
  const generated = resolve(dirname(path), base);
  const missing = base.endsWith(".svelte-kit/tsconfig.json") && !existsSync(generated);
  return missing ? { path: generated, json: new JsonText(SVELTE_KIT) } : read(basePath(base, path));
}

function basePath(base: string, path: string): string {
  if (base.startsWith(".") || isAbsolute(base)) {
    const found = resolve(dirname(path), base);
    return existsSync(found) && statSync(found).isFile() ? found : `${found}.json`;
  }
  const { resolve: find } = createRequire(path);
  for (const candidate of [base, `${base}.json`, `${base}/tsconfig.json`]) {
    try {
      const found = find(candidate);
      if (found.endsWith(".json")) return found;
    } catch {}
  }
  throw new Error(`it extends ${JSON.stringify(base)}, which is not there`);
}

function configAt(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, "tsconfig.json") : path;
}

function read(path: string): Config {
  const text = readText(path);
  if (text === undefined) throw new Error(`there is no file ${path}`);
  return { path, json: new JsonText(text) };
}
