import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The root of the workspace. */
export const workspace: string = fileURLToPath(new URL("../../", import.meta.url));

export interface Manifest {
  name: string;
  version: string;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
}

/** A package as it would be published. */
export interface Tarball {
  name: string;
  /** Path of the `.tgz`. */
  path: string;
  /** Folder of what is in it. */
  content: string;
  /** Its files, as paths relative to `content`. */
  files: string[];
  manifest: Manifest;
}

/** Folders of the packages, and their names, without packing them. */
export const packages: { folder: string; name: string }[] = readdirSync(join(workspace, "packages")).map((folder) => {
  const { name } = JSON.parse(readFileSync(join(workspace, "packages", folder, "package.json"), "utf8"));
  return { folder, name };
});

/** Packs all packages of the workspace, built as they are, into a folder. */
export async function packAll(folder: string): Promise<Tarball[]> {
  await mkdir(folder, { recursive: true });
  const names = packages.flatMap(({ name }) => ["--workspace", name]);
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, ...names];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: workspace, maxBuffer: 2 ** 26 });
  const packed = JSON.parse(stdout) as { name: string; filename: string; files: { path: string }[] }[];
  return await Promise.all(
    packed.map(async ({ name, filename, files }) => {
      const path = join(folder, filename);
      const content = path.replace(/\.tgz$/, "");
      await mkdir(content);
      await promisify(execFile)("tar", ["-xzf", path, "-C", content, "--strip-components", "1"]);
      const manifest = JSON.parse(readFileSync(join(content, "package.json"), "utf8"));
      return { name, path, content, files: files.map(({ path }) => path), manifest };
    }),
  );
}
