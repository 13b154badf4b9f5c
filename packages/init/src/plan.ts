import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { findSpecs } from "@unplugin-paw/spec/find";
import { defaultTypes } from "@unplugin-paw/spec/sidecar";
import { addPlugin, linesByHand } from "./add-plugin.ts";
import { type Configuration, findConfiguration, findTests, targetsOf } from "./configurations.ts";
import { InitError } from "./errors.ts";
import { EXAMPLE } from "./example.ts";
import { editManifest, installed, type Manifest, type ManifestEdit } from "./manifest.ts";
import { ignoresTypes } from "./repository.ts";
import { registered } from "./scripts.ts";
import { factsOf, type Tool } from "./tools.ts";
import { CLIENT, editTsconfigs, settingsByHand } from "./tsconfig.ts";
import { type Change, readText } from "./write.ts";

/** What `paw init` would do. */
export interface Plan {
  changes: Change[];
  /** What only a person can do, and how. */
  byHand: string[];
  /** What may be worth a look. */
  advice: string[];
}

export interface PlanOptions {
  /** The configuration that the user names. */
  config: string | undefined;
  /** A spec to begin with is wanted. */
  example: boolean;
}

/**
 * Finds out what a project lacks. Nothing is written.
 *
 * @throws {InitError} the folder is no package, or its bundler is not clear
 * @example
 * const { changes } = planInit(process.cwd(), { config: undefined, example: false });
 * for (const change of changes) console.log(patchOf(change, process.cwd()));
 * writeAll(changes);
 */
export function planInit(root: string, { config, example }: PlanOptions): Plan {
  const plan: Plan = { changes: [], byHand: [], advice: [] };
  const text = readText(join(root, "package.json"));
  if (text === undefined)
    throw new InitError("PROJECT", "There is no package.json here.", "Run paw init in the folder of a package.");
  const manifest = parseManifest(text);
  const configuration = findConfiguration(root, manifest, config);

  if (configuration) {
    planConfiguration(plan, root, configuration);
    const tests = config === undefined ? findTests(root, configuration) : undefined;
    if (tests) planConfiguration(plan, root, tests);
  }
  const { tool } = configuration ?? {};
  if (tool === "tsup")
    plan.advice.push("Build with `paw types --beside && tsup`, where it writes declarations: docs/typescript.md.");
  if (tool === "nuxt") plan.advice.push(NUXT_TYPES);
  const checked = tool !== "nuxt" && existsSync(join(root, "tsconfig.json")) && planTypes(plan, root);
  const typecheck = checked ? typecheckCommand(plan, root, manifest, tool) : undefined;
  const edit: ManifestEdit = configuration
    ? { targets: targetsOf(configuration, manifest), typecheck }
    : { targets: ["node"], typecheck, scripts: registered(manifest) };
  change(plan, join(root, "package.json"), editManifest(text, edit));
  if (!ignoresTypes(root)) {
    const ignore = readText(join(root, ".gitignore")) ?? "";
    change(plan, join(root, ".gitignore"), `${ignore}${ignore === "" || ignore.endsWith("\n") ? "" : "\n"}.paw/\n`);
  }
  if (example && findSpecs(root).length === 0)
    change(plan, join(root, existsSync(join(root, "src")) ? "src/tone.paw" : "tone.paw"), EXAMPLE);
  return plan;
}

function parseManifest(text: string): Manifest {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as Manifest;
  } catch (error) {
    throw new InitError("PROJECT", `package.json is not JSON: ${(error as Error).message}`);
  }
}

/** Nuxt writes its tsconfig files itself, at every start. */
const NUXT_TYPES = `For exact types let Nuxt write these settings (in nuxt.config; paths start from .nuxt), and run \`paw types\` before a type check:

  typescript: { tsConfig: { compilerOptions: { allowArbitraryExtensions: true, rootDirs: ["..", "../${defaultTypes}"] } } },
`;

function planConfiguration(plan: Plan, root: string, { tool, path, text = factsOf(tool).empty ?? "" }: Configuration) {
  const added = addPlugin(text, tool);
  if (added !== undefined) {
    change(plan, path, added);
    return;
  }
  const lines = linesByHand(text, tool);
  plan.byHand.push(
    `${relative(root, path)} has a shape that paw init does not understand. Add the plugin to it:\n\n${lines}`,
  );
}

/** The settings of TypeScript; whether they could be planned. */
function planTypes(plan: Plan, root: string): boolean {
  try {
    for (const { path, before, after, environment } of editTsconfigs(root)) {
      if (before !== after) plan.changes.push({ path, before, after });
      if (environment !== undefined) planEnvironment(plan, environment);
    }
    return true;
  } catch (error) {
    const reason = (error as Error).message;
    plan.byHand.push(
      `tsconfig.json cannot be changed: ${reason}. Add to its \`compilerOptions\`:\n\n${settingsByHand}`,
    );
    return false;
  }
}

/**
 * A reference to the fallback, for a project whose `types` are not listed: in the file that Vite's templates have for
 * it, or in one.
 */
function planEnvironment(plan: Plan, folder: string): void {
  const reference = `/// <reference types="${CLIENT}" />\n`;
  const vite = join(folder, "vite-env.d.ts");
  const path = existsSync(vite) ? vite : join(folder, "paw-env.d.ts");
  const before = readText(path) ?? "";
  if (plan.changes.some((planned) => planned.path === path) || before.includes(CLIENT)) return;
  change(plan, path, before === "" || before.endsWith("\n") ? before + reference : `${before}\n${reference}`);
}

/** A script that checks types, where there is a checker and none is called so. */
function typecheckCommand(plan: Plan, root: string, manifest: Manifest, tool: Tool | undefined): string | undefined {
  const { scripts = {} } = manifest;
  const checker = ["vue-tsc", "typescript"].find((name) => Object.hasOwn(installed(manifest), name));
  if (!checker || Object.values(scripts).some((command) => command.includes("paw types"))) return undefined;
  const known =
    ["typecheck", "type-check", "check-types"].find((name) => Object.hasOwn(scripts, name)) ??
    Object.keys(scripts).find((name) => /\b(?:svelte-check|astro check)\b/.test(scripts[name] ?? ""));
  if (known !== undefined) {
    plan.advice.push(
      `Put \`paw types && \` before the script ${JSON.stringify(known)}: on a fresh clone it writes the declarations.`,
    );
    return undefined;
  }
  if (tool === "astro") return undefined; // (Its files are not TypeScript's.)
  const solution =
    plan.changes.every(({ path }) => path !== join(root, "tsconfig.json")) &&
    /"references"/.test(readText(join(root, "tsconfig.json")) ?? "");
  return `paw types && ${checker === "vue-tsc" ? "vue-tsc" : "tsc"} ${solution ? "-b" : "--noEmit"}`;
}

/** Adds a change where it is one. */
function change(plan: Plan, path: string, after: string): void {
  const before = readText(path);
  if (before !== after) plan.changes.push({ path, before, after });
}
