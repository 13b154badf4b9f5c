import { createRequire } from "node:module";
import packageJson from "../package.json" with { type: "json" };
import { JsonText } from "./json-text.ts";

/** Where the functions of a project run. */
export type Target = "node" | "web";

/** The peers of the runtime, and the versions that it works with. */
const { peerDependencies: PEERS } = createRequire(import.meta.url)("@unplugin-paw/runtime/package.json") as {
  peerDependencies: Record<`onnxruntime-${Target}`, string>;
};

/** The parts of a package.json that matter here. */
export interface Manifest {
  type?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** All that a project installs. */
export function installed({ dependencies, devDependencies }: Manifest): Record<string, string> {
  return { ...devDependencies, ...dependencies };
}

/** What a package.json is to have. */
export interface ManifestEdit {
  targets: readonly Target[];
  /** The command of a script `typecheck`, for a project that has none. */
  typecheck?: string | undefined;
  /** Scripts that are there, and are to be these. */
  scripts?: Readonly<Record<string, string>>;
}

/**
 * Adds what is missing to a package.json. Versions that are there stay, as does a runtime that was chosen already.
 *
 * @throws {Error} the text is no JSON
 */
export function editManifest(text: string, { targets, typecheck, scripts }: ManifestEdit): string {
  const json = new JsonText(text);
  const manifest = json.get() as Manifest;
  const there = installed(manifest);
  const version = `^${packageJson.version}`;
  const missing = (wanted: Record<string, string>) =>
    Object.fromEntries(Object.entries(wanted).filter(([name]) => !Object.hasOwn(there, name)));
  const peers = Object.keys(PEERS).some((name) => Object.hasOwn(there, name)) ? [] : targets;
  const runtimes = peers.map((target) => [`onnxruntime-${target}`, PEERS[`onnxruntime-${target}`]]);
  if (typecheck !== undefined) json.add("scripts", { typecheck });
  for (const [name, command] of Object.entries(scripts ?? {})) json.replace(["scripts", name], command);
  const runtime = { "@unplugin-paw/runtime": version, ...Object.fromEntries(runtimes) };
  // (Without a bundler the plugin is what loads specs where the app runs.)
  const plugin = { "unplugin-paw": version };
  json.add("dependencies", missing(scripts ? { ...runtime, ...plugin } : runtime), "sorted");
  json.add("devDependencies", missing({ "@unplugin-paw/cli": version, ...(scripts ? {} : plugin) }), "sorted");
  return json.toString();
}
