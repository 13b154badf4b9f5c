import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeProgram } from "@unplugin-paw/program";
import { formatDiagnostic, parseSpec, type Spec } from "@unplugin-paw/spec";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Compiled, CompileError, type CompileOptions, type CompileProgress, compile } from "./index.ts";

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

/** Without training. */
const draft = (source: Spec, options: CompileOptions = {}) => compile(source, { cache, effort: "draft", ...options });

// Without two examples there is nothing to search either: such a spec compiles in a second.
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
// Short, so that it is trained in half a minute.
const taught = `${quick}${examples}- What a joy => good
- I feel sick => bad
- So proud of you => good
- Everything broke => bad
`;
const entries = () => (existsSync(cache) ? readdirSync(cache) : []);
const weightsFile = () => join(cache, entries()[0] as string, "mood.weights");

const dist = (name: string) => new URL(`../../${name}/dist/index.js`, import.meta.url).href;
const script = `
  const { compile } = await import(${JSON.stringify(dist("compiler"))});
  const { parseSpec } = await import(${JSON.stringify(dist("spec"))});
  const { spec } = parseSpec(process.env.SPEC, "mood.paw");
  const { cached } = await compile(spec, { cache: process.env.CACHE, onProgress: ({ stage, loaded }) => console.log(stage, loaded) });
  console.log("cached", cached);
`;

interface Process {
  output: () => string;
  /** Waits for what it prints; fails when it ends without. */
  shows: (pattern: RegExp) => Promise<void>;
  ended: Promise<number | null>;
  kill: () => void;
}

/** Compiles in a process of its own, from `dist`. */
function start(text: string): Process {
  mkdirSync(cache, { recursive: true });
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { ...process.env, SPEC: text, CACHE: cache },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (output += part));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const shows = async (pattern: RegExp) => {
    while (!pattern.test(output)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended without ${pattern}:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { output: () => output, shows, ended, kill: () => child.kill("SIGKILL") };
}

describe("answers in their inputs' words", () => {
  const sender = (more: string) =>
    spec(
      `---\nreturns: string\n---\nGive the surname of the sender, or none.\n\n## Examples\n\n` +
        `- Yours, Ann Lee => Lee\n- Thanks, Bo Ek => Ek\n- See you => none\n- Bye => none\n${more}`,
      "sender",
    );
  const calibrationOf = async (source: Spec) => (await draft(source)).program.calibration;

  it("are what the program expects where its examples have them", async () => {
    const expected = { by: Math.log(5), besides: ["none"], wholeWords: true };
    expect((await calibrationOf(sender(""))).verbatim).toEqual(expected);
    expect(await calibrationOf(sender("- Hi, Cy. => Cyrus\n"))).not.toHaveProperty("verbatim");
  });
});

describe("compile", () => {
  it("makes a program that names its origin, and the same bytes for the same seed", async () => {
    const source = spec(quick + examples);
    const { program, weights, report, cached, path } = await draft(source, { cache: false, seed: 3 });
    expect({ cached, path }).toEqual({ cached: false, path: undefined });
    expect(decodeProgram(weights)).toEqual(program);
    expect(program).toMatchObject({
      name: "mood",
      spec: { digest: source.digest },
      compiler: { effort: "draft", seed: 3 },
      licence: "Apache-2.0",
    });
    expect(program.pseudoProgram).toMatch(/<\|im_start\|>user\n$/);
    expect(program.scores.stages).toEqual([{ name: "discrete", validation: expect.any(Number), kept: true }]);
    expect(report.passed + report.failed).toBe(2);
    expect(program.scores.tests).toEqual({ passed: report.passed, total: 2, accuracy: report.accuracy });
    expect(weights.length).toBeLessThan(3_000_000);
    for (const test of source.tests) expect(program.pseudoProgram).not.toContain(test.input);
    const again = await draft(source, { cache: false, seed: 3 });
    expect(Buffer.compare(again.weights, weights)).toBe(0);
  }, 120_000);

  it("is the same in whatever order its labels are named", async () => {
    const orders = ["[good, bad, mixed]", "[mixed, good, bad]"].map((labels) =>
      quick.replace("[good, bad]", labels).concat(examples, "- It was fine, but too long => mixed\n"),
    );
    const [one, other] = await Promise.all(orders.map((text) => draft(spec(text))));
    expect(one?.program.pseudoProgram).toBe(other?.program.pseudoProgram);
    expect(one?.program.prefix.keys).toEqual(other?.program.prefix.keys);
    expect(other?.program.contract.output).toEqual({ kind: "labels", labels: ["mixed", "good", "bad"] });
    const bias = (made: Compiled | undefined, at: number) => made?.program.calibration.bias?.[at] as number;
    expect(bias(one, 0)).toBeCloseTo(bias(other, 1), 2);
  }, 120_000);

  it("comes from the cache the second time; another seed is another program", async () => {
    const first = await draft(spec(quick));
    const second = await draft(spec(quick));
    expect([first.cached, second.cached]).toEqual([false, true]);
    expect(second.path).toBe(first.path);
    expect(Buffer.compare(second.weights, first.weights)).toBe(0);
    expect(second.report).toEqual(first.report);
    expect((await draft(spec(quick), { seed: 1 })).cached).toBe(false);
    expect((await draft(spec(`${quick}- Fine => good\n`))).cached).toBe(false);
  });

  it("keeps a program of each effort", async () => {
    await draft(spec(quick));
    const standard = await compile(spec(quick), { cache });
    expect(standard.cached).toBe(false);
    expect(standard.program.compiler.effort).toBe("standard");
    const cached = await Promise.all([draft(spec(quick)), compile(spec(quick), { cache, effort: "standard" })]);
    expect(cached.map(({ cached, program }) => [cached, program.compiler.effort])).toEqual([
      [true, "draft"],
      [true, "standard"],
    ]);
    expect(entries()).toHaveLength(2);
  });

  it.each([
    ["altered", (file: string) => writeFileSync(file, readFileSync(file).fill(7, 9_000, 9_100))],
    ["cut", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20_000))],
    ["without its test results", (file: string) => rmSync(join(dirname(file), "program.json"))],
    ["with another manifest", (file: string) => writeFileSync(join(dirname(file), "program.json"), "[]")],
    ["empty", (file: string) => rmSync(file)],
  ])("makes a cache entry anew that is %s", async (_name, damage) => {
    const first = await draft(spec(quick));
    damage(weightsFile());
    const second = await draft(spec(quick));
    expect(second.cached).toBe(false);
    expect(Buffer.compare(second.weights, first.weights)).toBe(0);
    expect((await draft(spec(quick))).cached).toBe(true);
  });

  it("builds with a cache that cannot be written", async () => {
    const file = join(root, `file-${count}`);
    writeFileSync(file, "");
    const { cached, path, weights } = await draft(spec(quick), { cache: join(file, "cache") });
    expect({ cached, path }).toEqual({ cached: false, path: undefined });
    expect(decodeProgram(weights).name).toBe("mood");
  });

  it("compiles once for calls at the same time", async () => {
    const all = await Promise.all([1, 2, 3].map(() => draft(spec(quick))));
    expect(new Set(all.map(({ weights }) => weights)).size).toBe(1);
    expect(entries()).toHaveLength(1);
  });

  it("goes on for the others when the first who asked has gone", async () => {
    const abort = new AbortController();
    const stages: string[] = [];
    const gone = draft(spec(quick), { signal: abort.signal, onProgress: () => abort.abort(new Error("I have gone")) });
    const stays = draft(spec(quick), { onProgress: ({ stage }) => stages.push(stage) });
    await expect(gone).rejects.toThrow("I have gone");
    expect(decodeProgram((await stays).weights).name).toBe("mood");
    expect(stages).toContain("tests");
    expect(entries()).toHaveLength(1);
  });

  it.each(["search", "train"])("stops when aborted in %s and leaves nothing", async (where) => {
    const abort = new AbortController();
    const compiling = compile(spec(taught), {
      cache,
      signal: abort.signal,
      onProgress: ({ stage, loaded }) => {
        if (stage === where && loaded === 2) abort.abort(new Error("enough"));
      },
    });
    await expect(compiling).rejects.toThrow("enough");
    expect(entries()).toEqual([]);
  });

  it("fails the build below the spec's accuracy, listing the failing tests, and keeps the program", async () => {
    const contradicting =
      quick.replace("returns:", "accuracy: 0.9\nreturns:") +
      "- A lovely, lovely day => bad\n- An awful, awful day => good\n";
    const error = await draft(spec(contradicting)).catch((reason) => reason);
    expect(error).toBeInstanceOf(CompileError);
    expect(error).toMatchObject({ code: "ACCURACY", location: { file: "mood.paw", line: 2 } });
    expect(error.message).toMatch(/\d of 4 tests pass \(\d+ %\); accuracy asks for 90 %/);
    expect(error.message).toMatch(/mood\.paw:\d+:1: A.* day\n {4}expected \w+, got \w+/);
    expect(entries()).toHaveLength(1);
    await expect(draft(spec(contradicting))).rejects.toThrow("tests pass");
  });

  it("refuses instructions that no program can hold", async () => {
    const long = spec(`---\nreturns: [good, bad]\n---\n${"Look at the mood of the text. ".repeat(200)}\n`);
    await expect(draft(long, { cache: false })).rejects.toMatchObject({
      code: "TOO_LONG",
      message: expect.stringMatching(/take \d+ tokens; a program holds at most 1024/),
    });
  });

  it("names interpreters that it knows when a spec asks for another", async () => {
    const other = spec(quick.replace("returns:", "interpreter: gpt-9\nreturns:"));
    await expect(draft(other, { cache: false })).rejects.toMatchObject({
      code: "UNKNOWN_CARD",
      hint: expect.stringContaining("smollm2"),
    });
  });
});

describe("a program that is trained", () => {
  let trained: Compiled;
  const progress: CompileProgress[] = [];
  // Compiled once for all of them: it takes half a minute.
  beforeAll(async () => {
    trained = await compile(spec(taught), { cache: false, onProgress: (event) => progress.push(event) });
  }, 600_000);

  it("says what its stages scored and which were kept", () => {
    const { program, weights, report } = trained;
    expect(program.compiler).toMatchObject({ effort: "standard", seed: 0 });
    expect(program.scores.stages).toEqual([
      { name: "discrete", validation: expect.any(Number), kept: true },
      { name: "continuous", validation: expect.any(Number), kept: expect.any(Boolean) },
      { name: "head", validation: expect.any(Number), kept: expect.any(Boolean) },
      { name: "refit", validation: null, kept: true },
    ]);
    expect(program.scores.tests).toEqual({ passed: report.passed, total: 2, accuracy: report.accuracy });
    expect(weights.length).toBeLessThan(3_000_000);
    for (const test of spec(taught).tests) expect(program.pseudoProgram).not.toContain(test.input);
  });

  it("has learned few examples of labels, and shows none; a draft shows them", async () => {
    const { program } = await draft(spec(taught), { cache: false });
    expect(program.pseudoProgram).toContain("I feel sick");
    for (const { input } of spec(taught).examples) expect(trained.program.pseudoProgram).not.toContain(input);
    expect(trained.program.pseudoProgram).toContain("Is the mood of the text good or bad?");
  });

  it("tells how far the training is and how long it still takes", () => {
    const steps = progress.filter(({ stage }) => stage === "train");
    const [{ total } = { total: 0 }] = steps;
    expect(total).toBeGreaterThan(10);
    expect(steps.map(({ loaded }) => loaded)).toEqual(steps.map((_, i) => i + 1));
    for (const step of steps) expect(step.total).toBe(total);
    for (const { loaded = 0, secondsLeft } of steps.slice(1)) {
      if (loaded === total) expect(secondsLeft).toBe(0);
      else expect(secondsLeft).toBeGreaterThan(0);
    }
  });

  it("is trusted whole or not at all, and comes out the same after a compile that was killed", async () => {
    for (const moment of [/search 3/, /train 3/]) {
      const killed = start(taught);
      await killed.shows(moment);
      killed.kill();
      await killed.ended;
      expect(entries().filter((name) => existsSync(join(cache, name, "mood.weights")))).toEqual([]);
    }
    const next = await compile(spec(taught), { cache });
    expect(next.cached).toBe(false);
    expect(Buffer.compare(next.weights, trained.weights)).toBe(0);
    expect(entries()).toHaveLength(1);
    expect((await compile(spec(taught), { cache })).cached).toBe(true);
  }, 600_000);
});

describe("several processes", () => {
  it("compile a spec once between them", async () => {
    const both = [start(quick), start(quick)];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    expect(both.map(({ output }) => /cached (\w+)/.exec(output())?.[1]).sort()).toEqual(["false", "true"]);
  });
});
