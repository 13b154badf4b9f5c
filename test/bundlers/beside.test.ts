import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { files } from "../apps.ts";
import { type Answers, answersInNode, copyApp, options, removeApps, temporary } from "../web/app.ts";
import { rows } from "./rows.ts";

// `interpreter: { bundle: true }`: what a build for Node writes answers without the user's store, wherever it is moved.

/** One row a bundler. */
const builds = rows.filter(({ runs, build, bundler }, index) => {
  const first = rows.findIndex((row) => row.runs === "node" && row.build && row.bundler === bundler);
  return runs === "node" && build && index === first;
});

let expected: Omit<Answers, "isolated">;
beforeAll(async () => {
  expected = await answersInNode();
});
afterAll(removeApps);

const withInterpreter = { ...options, interpreter: { bundle: true } };

test.for(builds)("$bundler: the output has its interpreter", async ({ bundler, build }) => {
  const root = await copyApp(`beside-${bundler}`.replace(/\W+/g, "-").toLowerCase());
  await build?.({ root, options: withInterpreter, entries: ["node.js"] });
  // The packages are found from here, too.
  const moved = join(temporary, `moved-${bundler}`.replace(/\W+/g, "-").toLowerCase());
  await rename(join(root, "out"), moved);
  const entry = (await files(moved)).find((file) => /^node\.c?js$/.test(file)) as string;
  const home = join(root, "home");
  await mkdir(home);
  const env = { PATH: process.env.PATH, HOME: home, LOCALAPPDATA: home };
  const { stdout } = await promisify(execFile)(process.execPath, [join(moved, entry)], { cwd: home, env });
  expect(JSON.parse(stdout)).toMatchObject(expected);
  expect(await readdir(home)).toEqual([]); // nothing was fetched
  await rm(moved, { recursive: true });
});

test("a build for browsers gets none", async () => {
  const { build } = rows.find(({ bundler, runs }) => bundler === "esbuild" && runs === "module") ?? {};
  const root = await copyApp("beside-page");
  await build?.({ root, options: withInterpreter, entries: ["main.js"] });
  expect(await readdir(join(root, "out"))).not.toContain("paw");
});
