import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { appsOf } from "../apps.ts";

const { cache, copyApp, removeApps } = appsOf("app");
afterAll(removeApps);

/** Builds in a process of its own, which a mistake of Farm's would end. */
async function build(root: string): Promise<string> {
  const script = [
    'import { build } from "@farmfe/core";',
    'import paw from "unplugin-paw/farm";',
    `const plugins = [paw(${JSON.stringify({ cache, effort: "draft", types: false })})];`,
    'const compilation = { input: { main: "./src/main.js" }, output: { targetEnv: "node-next" }, persistentCache: false };',
    "await build({ root: process.cwd(), configPath: process.cwd(), plugins, compilation });",
  ].join("\n");
  const args = ["--input-type=module", "--eval", script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root }).catch((error) => error);
  return stdout + stderr;
}

test("an error has place, frame and hint", async () => {
  const root = await copyApp("farm-error");
  await writeFile(join(root, "src/tone.paw"), "---\nreturn: [polite, rude]\n---\nSay whether it is polite.\n");
  const said = (await build(root)).replaceAll("\\n", "\n").replaceAll('\\"', '"'); // (Farm prints it as Rust writes a string.)
  expect(said).toContain("src/tone.paw:2:1: ");
  expect(said).toContain('hint: Did you mean "returns"?');
  expect(said).toContain("> 2 | return: [polite, rude]");
});

test("a warning is told, and ends nothing", async () => {
  const root = await copyApp("farm-warning");
  await writeFile(
    join(root, "src/tone.paw"),
    "---\nreturns: [polite, rude]\n---\nSay whether it is polite.\n\n- Thank you => polite\n",
  );
  const said = await build(root);
  expect(said).toMatch(/src\/tone\.paw:6:1: This list item is read as part of the instructions/);
  expect(said).toContain("Build completed");
});
