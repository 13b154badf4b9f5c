import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { fixtures } from "../apps.ts";
import { packages, type Tarball, workspace } from "./tarballs.ts";

/** A project outside the workspace, with packages as npm installs them. */
export interface Project {
  folder: string;
  /** Runs a command in the project; gives what it prints. */
  run(command: string, ...args: string[]): Promise<string>;
}

/** npm cannot have a public package: it is not in its cache, and no registry answers. */
export class Offline extends Error {}

/** What a project's owner writes into package.json. */
interface Wanted {
  type: "module" | "commonjs";
  /** Of ours: the packages that the documentation has users install; the others must come by themselves. */
  ours: string[];
  /** Of others: as they are installed in the workspace. */
  others: string[];
  /** Folder of the Node that installs and runs; default: the one on the PATH. */
  node?: string;
}

/**
 * Makes a project of `fixtures/outside/NAME` and installs what it wants. Public packages have the versions of the
 * workspace's lock, so npm's cache has most of them.
 *
 * @throws {Offline}
 */
export async function createProject(
  name: string,
  folder: string,
  tarballs: readonly Tarball[],
  wanted: Wanted,
): Promise<Project> {
  await mkdir(dirname(folder), { recursive: true });
  await cp(join(fixtures, "outside", name), folder, { recursive: true });
  const lock: Lock = JSON.parse(await readFile(join(workspace, "package-lock.json"), "utf8"));
  const files = new Map(tarballs.map(({ name, path }) => [name, `file:${path}`]));
  const versions = wanted.others.map((other) => [other, lock.packages[`node_modules/${other}`]?.version]);
  const manifest = {
    ...{ name: `outside-${name}`, private: true, type: wanted.type },
    dependencies: Object.fromEntries([...wanted.ours.map((one) => [one, files.get(one)]), ...versions]),
    // Nothing of ours is in a registry yet.
    overrides: Object.fromEntries([...files].filter(([one]) => !wanted.ours.includes(one))),
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  await writeFile(join(folder, "package-lock.json"), JSON.stringify(lockOutside(lock)));
  const project = { folder: await realpath(folder), run: runIn(folder, wanted.node) };
  const quick = ["--prefer-offline", "--fetch-retries=0", "--ignore-scripts", "--no-audit", "--no-fund"];
  await project.run("npm", "install", ...quick).catch((error) => {
    const unreachable = /E(NOTCACHED|NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|HOSTUNREACH|TIMEDOUT)\b/;
    throw unreachable.test(error.message) ? new Offline(error.message) : error;
  });
  return project;
}

interface Lock {
  packages: Record<string, { version?: string; link?: boolean }>;
}

/** The workspace's lock for a project outside: npm drops what the project does not need, and adds our packages. */
function lockOutside({ packages: locked }: Lock): object {
  const entries = Object.entries(locked).flatMap(([path, entry]) => {
    const own = packages.find(({ folder }) => path.startsWith(`packages/${folder}/node_modules/`));
    if (entry.link || !(own || path.startsWith("node_modules/"))) return [];
    return [[own ? path.replace(`packages/${own.folder}`, `node_modules/${own.name}`) : path, entry] as const];
  });
  return { lockfileVersion: 3, requires: true, packages: Object.fromEntries(entries) };
}

/** Without what vitest and npm have set for this process. */
function runIn(cwd: string, node?: string): Project["run"] {
  const { NODE_ENV: _, NODE_OPTIONS: __, NODE_PATH: ___, VITEST: ____, PAW_REMOTE: _____, ...env } = process.env;
  if (node !== undefined) env.PATH = [node, env.PATH].join(delimiter);
  return async (command, ...args) => {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 2 ** 26 }).catch((error) => {
      throw new Error(`${command} ${args.join(" ")}: ${error.message}\n${error.stdout}\n${error.stderr}`);
    });
    return stdout;
  };
}

/** Links in a project that lead out of it, as paths relative to it. */
export async function linksOut({ folder }: Project): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const links = entries.filter((entry) => entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name));
  const out = await Promise.all(links.map(async (link) => !(await realpath(link)).startsWith(`${folder}/`)));
  return links.filter((_, i) => out[i]).map((link) => link.slice(folder.length + 1));
}
