import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

// What a process loads for a program that is in the cache, and for one that is not; from `dist`, as users do.

const root = pathToFileURL(join(import.meta.dirname, "../../..")).href;
const folder = mkdtempSync(join(tmpdir(), "paw-cached-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hooks = `
  import { writeSync } from "node:fs";
  export const load = (url, context, next) => (writeSync(1, url + "\\n"), next(url, context));
`;
const script = `
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));
  const { compile } = await import("${root}/packages/compiler/dist/index.js");
  const { parseSpec } = await import("${root}/packages/spec/dist/index.js");
  const { spec } = parseSpec("---\\nreturns: [good, bad]\\n---\\nIs the mood good?\\n", "mood.paw");
  const { cached, weights } = await compile(spec, { cache: ${JSON.stringify(folder)}, effort: "draft", frozen: process.argv[1] === "frozen" });
  console.log(JSON.stringify({ cached, bytes: weights.length }));
`;

/** Compiles in a process of its own. Gives what that said of it, and the modules that it loaded. */
function compiled(mode = "") {
  const args = ["--input-type=module", "-e", script, mode];
  const lines = execFileSync(process.execPath, args, { encoding: "utf8", cwd: import.meta.dirname })
    .trim()
    .split("\n");
  const said = JSON.parse(lines.find((line) => line.startsWith("{")) as string) as { cached: boolean; bytes: number };
  const loaded = lines.filter((line) => line.startsWith(root)).map((url) => url.slice(root.length + 1));
  const packages = new Set(
    loaded.map((path) => /^packages\/[\w-]+|(?<=node_modules\/)(?:@[\w-]+\/)?[\w-]+/.exec(path)?.[0]),
  );
  return { ...said, loaded, packages };
}

/** What makes programs, and the model that runs them. */
const makers = ["packages/runtime", "packages/graph", "onnxruntime-node", "@huggingface/tokenizers"];

let made: ReturnType<typeof compiled>;
beforeAll(() => {
  made = compiled();
}, 120_000);

it("a program that is not in the cache is made by code that is loaded for it", () => {
  expect(made).toMatchObject({ cached: false });
  expect([...made.packages]).toEqual(expect.arrayContaining(makers));
});

it.each(["", "frozen"])("a program from the cache needs none of that (%s)", (mode) => {
  const { cached, bytes, loaded, packages } = compiled(mode);
  expect({ cached, bytes }).toEqual({ cached: true, bytes: made.bytes });
  expect([...packages]).toEqual(expect.arrayContaining(["packages/compiler", "packages/programs"]));
  expect([...packages].filter((name) => makers.includes(name as string))).toEqual([]);
  expect(loaded.filter((path) => /\/dist\/(?:make|stages|training|convert|session)\b/.test(path))).toEqual([]);
});
