import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import paw from "unplugin-paw/vite";
import pawWebpack from "unplugin-paw/webpack";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import webpack, { type Configuration } from "webpack";

const SAYS = /tone\.paw is imported by code for an edge runtime.*\nhint: Run that code in Node/s;

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "paw-edge-")));
  await writeFile(join(root, "package.json"), '{ "type": "module" }');
  await writeFile(join(root, "tone.paw"), "---\nreturns: [polite, rude]\n---\nSay whether it is polite.\n");
  await writeFile(join(root, "main.js"), 'import tone from "./tone.paw";\nexport default () => tone("Thanks");\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

test.for([
  ["a target of its own", { ssr: { target: "webworker" } }],
  ["a resolver for Workers", { ssr: { resolve: { conditions: ["workerd"] } } }],
] as const)("Vite: %s", async ([, config]) => {
  const building = build({
    ...(config as object),
    root,
    logLevel: "silent",
    plugins: [paw()],
    build: { ssr: "main.js" },
  });
  await expect(building).rejects.toThrow(SAYS);
});

test("webpack: a resolver for Workers", async () => {
  const resolve = { conditionNames: ["workerd", "import"] };
  expect(await errorsOf({ target: "webworker", resolve, plugins: [pawWebpack()] })).toMatch(SAYS);
});

test("Next.js with webpack: the edge runtime", async () => {
  const script = join(import.meta.dirname, "edge-helpers/next-webpack.js");
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: root });
  expect(JSON.parse(stdout).map(({ message }: { message: string }) => message)).toEqual([expect.stringMatching(SAYS)]);
});

async function errorsOf(config: Configuration): Promise<string> {
  const stats = await promisify(webpack as never as (config: Configuration, done: () => void) => void)({
    ...{ mode: "production", context: root, entry: "./main.js", output: { path: join(root, "dist") } },
    ...config,
  });
  const { errors = [] } = (stats as unknown as webpack.Stats).toJson({ all: false, errors: true });
  return errors.map(({ message }) => message).join("\n");
}
