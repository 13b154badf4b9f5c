import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeProgram } from "@unplugin-paw/program";
import { formatDiagnostic, parseSpec, type Spec } from "@unplugin-paw/spec";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { CompileError, compile } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "paw-compiler-"));
let cache: string;
let count = 0;
beforeEach(() => {
  cache = join(root, String(count++));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function spec(text: string, name = "mood"): Spec {
  const parsed = parseSpec(text, `${name}.paw`);
  if (!parsed.spec) throw new Error(parsed.diagnostics.map(formatDiagnostic).join("\n"));
  return parsed.spec;
}

// Without two examples there is nothing to search: such a spec compiles in a second.
const quick = `---
returns: [good, bad]
---
Is the mood of the text good or bad?

## Tests
- A lovely day => good
- An awful day => bad
`;
const examples = `
## Examples
- I am so happy => good
- This is terrible => bad
- What a wonderful morning => good
- I hate this rain => bad
`;
const entries = () => (existsSync(cache) ? readdirSync(cache) : []);
const weightsFile = () => join(cache, entries()[0] as string, "mood.weights");

describe("compile", () => {
  it("makes a program that names its origin, and the same bytes for the same seed", async () => {
    const source = spec(quick + examples);
    const { program, weights, report, cached, path } = await compile(source, { cache: false, seed: 3 });
    expect({ cached, path }).toEqual({ cached: false, path: undefined });
    expect(decodeProgram(weights)).toEqual(program);
    expect(program).toMatchObject({
      name: "mood",
      spec: { digest: source.digest },
      compiler: { seed: 3 },
      licence: "Apache-2.0",
    });
    expect(program.pseudoProgram).toMatch(/<\|im_start\|>user\n$/);
    expect(program.scores.stages).toEqual([{ name: "discrete", validation: expect.any(Number) }]);
    expect(report.passed + report.failed).toBe(2);
    expect(program.scores.tests).toEqual({ passed: report.passed, total: 2, accuracy: report.accuracy });
    expect(weights.length).toBeLessThan(3_000_000);
    for (const test of source.tests) expect(program.pseudoProgram).not.toContain(test.input);
    const again = await compile(source, { cache: false, seed: 3 });
    expect(Buffer.compare(again.weights, weights)).toBe(0);
  }, 120_000);

  it("comes from the cache the second time; another seed is another program", async () => {
    const first = await compile(spec(quick), { cache });
    const second = await compile(spec(quick), { cache });
    expect([first.cached, second.cached]).toEqual([false, true]);
    expect(second.path).toBe(first.path);
    expect(Buffer.compare(second.weights, first.weights)).toBe(0);
    expect(second.report).toEqual(first.report);
    expect((await compile(spec(quick), { cache, seed: 1 })).cached).toBe(false);
    expect((await compile(spec(`${quick}- Fine => good\n`), { cache })).cached).toBe(false);
  });

  it.each([
    ["altered", (file: string) => writeFileSync(file, readFileSync(file).fill(7, 9_000, 9_100))],
    ["cut", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20_000))],
    ["without its test results", (file: string) => rmSync(join(dirname(file), "tests.json"))],
    ["with results of other tests", (file: string) => writeFileSync(join(dirname(file), "tests.json"), "[]")],
    ["empty", (file: string) => rmSync(file)],
  ])("makes a cache entry anew that is %s", async (_name, damage) => {
    const first = await compile(spec(quick), { cache });
    damage(weightsFile());
    const second = await compile(spec(quick), { cache });
    expect(second.cached).toBe(false);
    expect(Buffer.compare(second.weights, first.weights)).toBe(0);
    expect((await compile(spec(quick), { cache })).cached).toBe(true);
  });

  it("builds with a cache that cannot be written", async () => {
    const file = join(root, `file-${count}`);
    writeFileSync(file, "");
    const { cached, path, weights } = await compile(spec(quick), { cache: join(file, "cache") });
    expect({ cached, path }).toEqual({ cached: false, path: undefined });
    expect(decodeProgram(weights).name).toBe("mood");
  });

  it("compiles once for calls at the same time", async () => {
    const all = await Promise.all([1, 2, 3].map(() => compile(spec(quick), { cache })));
    expect(new Set(all.map(({ weights }) => weights)).size).toBe(1);
    expect(entries()).toHaveLength(1);
  });

  it("stops when aborted and leaves nothing", async () => {
    const abort = new AbortController();
    const compiling = compile(spec(quick + examples), {
      cache,
      signal: abort.signal,
      onProgress: ({ stage, loaded }) => {
        if (stage === "search" && loaded === 2) abort.abort(new Error("enough"));
      },
    });
    await expect(compiling).rejects.toThrow("enough");
    expect(entries()).toEqual([]);
  });

  it("fails the build below the spec's accuracy, listing the failing tests, and keeps the program", async () => {
    const contradicting =
      quick.replace("returns:", "accuracy: 0.9\nreturns:") +
      "- A lovely, lovely day => bad\n- An awful, awful day => good\n";
    const error = await compile(spec(contradicting), { cache }).catch((reason) => reason);
    expect(error).toBeInstanceOf(CompileError);
    expect(error).toMatchObject({ code: "ACCURACY", location: { file: "mood.paw", line: 2 } });
    expect(error.message).toMatch(/\d of 4 tests pass \(\d+ %\); accuracy asks for 90 %/);
    expect(error.message).toMatch(/mood\.paw:\d+:1: A.* day\n {4}expected \w+, got \w+/);
    expect(entries()).toHaveLength(1);
    await expect(compile(spec(contradicting), { cache })).rejects.toThrow("tests pass");
  });

  it("refuses instructions that no program can hold", async () => {
    const long = spec(`---\nreturns: [good, bad]\n---\n${"Look at the mood of the text. ".repeat(200)}\n`);
    await expect(compile(long, { cache: false })).rejects.toMatchObject({
      code: "TOO_LONG",
      message: expect.stringMatching(/take \d+ tokens; a program holds at most 1024/),
    });
  });

  it("names interpreters that it knows when a spec asks for another", async () => {
    const other = spec(quick.replace("returns:", "interpreter: gpt-9\nreturns:"));
    await expect(compile(other, { cache: false })).rejects.toMatchObject({
      code: "UNKNOWN_CARD",
      hint: expect.stringContaining("smollm2"),
    });
  });
});

describe("several processes", () => {
  const dist = (name: string) => new URL(`../../${name}/dist/index.js`, import.meta.url).href;
  const script = `
    const { compile } = await import(${JSON.stringify(dist("compiler"))});
    const { parseSpec } = await import(${JSON.stringify(dist("spec"))});
    const { spec } = parseSpec(process.env.SPEC, "mood.paw");
    const { cached } = await compile(spec, { cache: process.env.CACHE, onProgress: ({ stage, loaded }) => console.log(stage, loaded) });
    console.log("cached", cached);
  `;
  function start(text: string): { output: () => string; ended: Promise<number | null>; kill: () => void } {
    mkdirSync(cache, { recursive: true });
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, SPEC: text, CACHE: cache },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part) => (output += part));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    return { output: () => output, ended, kill: () => child.kill("SIGKILL") };
  }

  it("compile a spec once between them", async () => {
    const both = [start(quick), start(quick)];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(both.map(({ output }) => /cached (\w+)/.exec(output())?.[1]).sort()).toEqual(["false", "true"]);
  });

  it("trust nothing that a killed one left", async () => {
    const killed = start(quick + examples);
    while (!/search 3/.test(killed.output())) await new Promise((resolve) => setTimeout(resolve, 20));
    killed.kill();
    await killed.ended;
    const next = await compile(spec(quick + examples), { cache });
    expect(next.cached).toBe(false);
    expect(entries()).toHaveLength(1);
    expect((await compile(spec(quick + examples), { cache })).cached).toBe(true);
  }, 120_000);
});
