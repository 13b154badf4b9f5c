import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestCase, TestReport } from "@unplugin-paw/compiler";
import { decodeProgram, encodeProgram } from "@unplugin-paw/program";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

// The built command, as users run it, on the real model. `npm test` builds first.
const bin = fileURLToPath(new URL("../packages/cli/bin/paw.js", import.meta.url));
const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "paw-cli-"));

// Specs without examples leave the compiler nothing to search: they compile in about a second. Their tests contradict
// each other, so that some fail whatever the model answers.
const mood = (accuracy = "") => `---
returns: [good, bad]${accuracy && `\naccuracy: ${accuracy}`}
---
Is the mood of the text good or bad?

## Tests

- Lovely day => good
- Lovely, lovely day => bad
- Horrible day => good
- Horrible, horrible day => bad
`;
const shout = `---
input:
  title: string
  stars?: number
returns: boolean
---
Is the title written in capital letters?
`;
const mistake = "---\nreturns: [good, bad]\naccurracy: 1\n---\nIs it good?\n";

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...process.env, ...env } });
}

function finish(child: ChildProcess): Promise<Result> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

function paw(args: string[], { stdin = "", env = {} }: { stdin?: string; env?: NodeJS.ProcessEnv } = {}) {
  const child = start(args, env);
  child.stdin?.end(stdin);
  return finish(child);
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const read = (path: string) => readFileSync(join(folder, path));
const json = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** What `paw test --json` says of mood.paw; the other commands must agree with it. */
let report: TestReport;
const score = () => `${Number((100 * (report.accuracy ?? 0)).toFixed(1))} %`;

beforeAll(async () => {
  if (!existsSync(bin)) throw new Error(`${bin} is missing: run npm run build.`);
  write("mood.paw", mood());
  write("gated.paw", mood("0.9"));
  write("lenient.paw", mood("0"));
  write("shout.paw", shout);
  write("mistake.paw", mistake);
  const made = await paw(["compile", "mood.paw", "shout.paw", "-o", "made"]);
  expect(made).toMatchObject({
    code: 0,
    stdout: `${join("made", "mood.weights")}\n${join("made", "shout.weights")}\n`,
  });
  report = JSON.parse((await paw(["test", "mood.paw", "--json"])).stdout);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("usage", () => {
  test("help and version go to stdout", async () => {
    const manifest = JSON.parse(readFileSync(new URL("../packages/cli/package.json", import.meta.url), "utf8"));
    expect(await paw(["--version"])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
    const help = await paw(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    const commands = ["compile", "run", "test", "inspect", "types", "init", "cache prune"];
    for (const command of commands) expect(help.stdout).toContain(`  ${command.split(" ")[0]} `);
    for (const shown of await Promise.all(commands.map((command) => paw([...command.split(" "), "--help"])))) {
      expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining("Examples:"), stderr: "" });
    }
    for (const command of ["compile", "run", "test"]) {
      const words = (await paw([command, "--help"])).stdout.replace(/\s+/g, " ");
      expect(words).toContain('(choices: "draft", "standard", "thorough", default: "standard")');
    }
  });

  test.each([
    [[], "Usage: paw"],
    [["rnu"], "Did you mean run?"],
    [["run", "made/mood.weights", "--jsn"], "Did you mean --json?"],
    [["run"], "missing required argument"],
    [["cache", "prnue"], "Did you mean prune?"],
    [["test"], "missing required argument"],
    [["inspect"], "missing required argument"],
    [["run", "made/mood.weights", "--input", "x", "--input-file", "y"], "cannot be used with"],
    [["compile", "nowhere.paw"], "There is no file nowhere.paw."],
    [["run", "nowhere.weights"], "There is no file nowhere.weights."],
    [["test", "mood.paw", "nowhere.paw"], "There is no file nowhere.paw."],
    [["inspect", "nowhere.weights"], "There is no file nowhere.weights."],
    [["types", "nowhere.paw"], "There is no file nowhere.paw."],
    [["compile", "made"], "made is a folder"],
    [["compile", "made/mood.weights"], "is not a .paw file"],
    [["inspect", "mood.paw"], "is not a .weights file"],
    [["run", "made/mood.weights", "--input-file", "nowhere.jsonl"], "There is no file nowhere.jsonl."],
    [["run", "made/mood.weights", "--input", "x", "--gguf", "nowhere.gguf"], "There is no file nowhere.gguf."],
    [["compile", "mood.paw", "--effort", "fast"], "Allowed choices are draft, standard, thorough."],
    [["compile", "mood.paw", "-o", "gated.paw"], "would overwrite a spec"],
    [["compile", "mood.paw", "gated.paw", "-o", "made/mood.weights"], "is a file, not a folder"],
    [["compile", "mood.paw", "./mood.paw"], "would both be written to"],
  ])("%j is wrong usage", async (args, message) => {
    const { code, stdout, stderr } = await paw(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

test.runIf(process.platform === "linux")("a command line that onnxruntime dies of is wrong usage", async () => {
  const long = "long ".repeat(12_000);
  const refused = await paw(["run", "made/mood.weights", "--input", long]);
  expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("at most 20,000 work") });
  const { code, stderr } = await paw(["run", "made/mood.weights"], { stdin: long });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: The input has \d+ tokens; at most \d+ fit/);
});

describe("inspect", () => {
  test("shows a program without its numbers", async () => {
    copyFileSync(join(fixtures, "programs/small-i8.weights"), join(folder, "small.weights"));
    const bytes = read("small.weights").length;
    const text = await paw(["inspect", "small.weights"]);
    expect(text).toMatchObject({ code: 0, stderr: "" });
    for (const shown of [
      'PawClassifier<{ text: string; age?: number }, "positive" | "négative" | "mixed", true>',
      "smollm2-135m-instruct (0123456789ab)",
      "4 tokens, i8, 188 bytes",
      "instructions (not measured); discrete 87.5 % on validation; continuous 75 % on validation (dropped)\n",
      "0.1.0, effort standard, seed 7\n",
      "9 of 10 passed (90 %)",
      "temperature 1.25; bias positive 0.1",
      "Apache-2.0",
      `(small.weights, ${bytes.toLocaleString("en")} bytes)`,
      "  Input: Loved it\n  Output: positive",
    ])
      expect(text.stdout).toContain(shown);

    const { prefix, ...metadata } = decodeProgram(read("small.weights"));
    const [shown] = json((await paw(["inspect", "small.weights", "--json"])).stdout);
    expect(shown).toMatchObject({ file: "small.weights", bytes, ...metadata });
    expect(shown.prefix).toEqual({ tokens: 4, layers: 2, heads: 1, headSize: 8, encoding: "i8", bytes: 188 });
  });

  test("control characters of a file do not reach the terminal", async () => {
    const program = decodeProgram(read("small.weights"));
    write("sly.weights", encodeProgram({ ...program, name: "a\u001b[31m", pseudoProgram: "b\u001b]0;c\u0007" }));
    const { code, stdout } = await paw(["inspect", "sly.weights"]);
    expect(code).toBe(0);
    expect(stdout).toContain("·]0;c·");
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test.each(["altered", "nan", "newer", "truncated"])("refuses the %s file", async (name) => {
    copyFileSync(join(fixtures, `programs/${name}.weights`), join(folder, `${name}.weights`));
    for (const args of [
      ["inspect", `${name}.weights`],
      ["run", `${name}.weights`, "--input", "x"],
    ]) {
      const { code, stdout, stderr } = await paw(args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^error: ${name}.weights: .+\nhint: .+\n$`));
    }
  });

  test("DEBUG=unplugin-paw adds the stack", async () => {
    const { code, stderr } = await paw(["inspect", "nan.weights"], { env: { DEBUG: "unplugin-paw" } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ +at .*paw/m);
  });
});

describe("compile", () => {
  test("writes beside the spec, or where -o says", async () => {
    mkdirSync(join(folder, "there"));
    for (const [args, path] of [
      [[], "mood.weights"],
      [["-o", "new/other.weights"], join("new/other.weights")],
      [["-o", "fresh/"], join("fresh/mood.weights")],
      [["-o", "there"], join("there/mood.weights")],
    ] as const) {
      const { code, stdout, stderr } = await paw(["compile", "mood.paw", ...args]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${path}\n` });
      expect(stderr).toMatch(/^mood\.paw: 0\.\d\d MB, /);
      expect(stderr).toContain(`, ${report.passed} of 4 tests passed (${score()}), from the cache\n`);
      expect(read(path)).toEqual(read("made/mood.weights"));
    }
    expect(readdirSync(join(folder, "new"))).toEqual(["other.weights"]);
  });

  test("gives the same program without the cache", async () => {
    const { code } = await paw(["compile", "mood.paw", "--no-cache", "-o", "uncached.weights"]);
    expect(code).toBe(0);
    expect(read("uncached.weights")).toEqual(read("made/mood.weights"));
  });

  test("keeps programs in the folder of --cache", async () => {
    await paw(["compile", "shout.paw", "--cache", "kept", "-o", "a.weights"]);
    expect(await paw(["compile", "shout.paw", "--cache", "kept", "-o", "b.weights"])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("from the cache"),
    });
  });

  test("takes as much effort as it is told; each has a program of its own", async () => {
    write("taught.paw", `${mood()}\n## Examples\n\n- Nice => good\n- Sad => bad\n- Glad => good\n- Dull => bad\n`);
    const compile = () => paw(["compile", "taught.paw", "--effort", "draft", "--cache", "efforts"]);
    expect(await compile()).toMatchObject({ code: 0, stderr: expect.not.stringContaining("from the cache") });
    expect(await compile()).toMatchObject({ code: 0, stderr: expect.stringContaining("from the cache") });
    expect(decodeProgram(read("taught.weights"))).toMatchObject({
      compiler: { effort: "draft" },
      scores: { stages: [{ name: "discrete", validation: expect.any(Number), kept: true }] },
    });
    await paw(["compile", "shout.paw", "--effort", "draft", "-o", "draft.weights"]);
    expect(decodeProgram(read("draft.weights")).compiler.effort).toBe("draft");
    expect(decodeProgram(read("made/shout.weights")).compiler.effort).toBe("standard");
  });

  test("a spec with mistakes is diagnosed, its old file stays, and the other specs are compiled", async () => {
    write("out/mistake.weights", "old");
    const { code, stdout, stderr } = await paw(["compile", "mistake.paw", "mood.paw", "-o", "out"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${join("out", "mood.weights")}\n` });
    expect(stderr).toContain('mistake.paw:3:1: error: There is no key "accurracy".');
    expect(stderr).toContain('Did you mean "accuracy"?');
    expect(read("out/mistake.weights").toString()).toBe("old");
  });

  test("the accuracy gate fails, lists the failing tests and writes nothing", async () => {
    const { code, stdout, stderr } = await paw(["compile", "gated.paw"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    for (const { location } of report.cases.filter(({ passed }) => !passed)) {
      // One line more: `accuracy`.
      expect(stderr).toContain(`gated.paw:${location.line + 1}:1: `);
    }
    expect(existsSync(join(folder, "gated.weights"))).toBe(false);
  });

  test("a place that cannot be written is an error", async () => {
    const { code, stdout, stderr } = await paw(["compile", "mood.paw", "-o", "mood.paw/x.weights"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/error: Cannot write mood\.paw\/x\.weights: .+\nhint: /);
  });

  test("a GGUF that is none is an error", async () => {
    write("text.gguf", "not a model");
    const { code, stdout, stderr } = await paw(["compile", "mood.paw", "--gguf", "text.gguf", "-o", "g.weights"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
  });
});

describe("run", () => {
  test("answers one input as text and as JSON, from a program and from a spec", async () => {
    const { input, output } = report.cases[0] as TestCase;
    expect(await paw(["run", "made/mood.weights", "--input", String(input)])).toEqual({
      code: 0,
      stdout: `${output}\n`,
      stderr: "",
    });
    expect(await paw(["run", "mood.paw", "--input", String(input), "--json"])).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ input, output })}\n`,
      stderr: "",
    });
  });

  test("stdin is one input, without its last line break", async () => {
    const { code, stdout } = await paw(["run", "made/mood.weights", "--json"], { stdin: "Lovely\nday\n" });
    expect(code).toBe(0);
    expect(json(stdout)).toEqual([{ input: "Lovely\nday", output: expect.stringMatching(/^(good|bad)$/) }]);
  });

  test("a file's inputs are answered in order, failing ones in their place", async () => {
    const lines = ['"Lovely\\nday"', '{"input":"Sunny","output":"ignored"}', "", '{"input":5}', '"Splendid"'];
    write("in.jsonl", `\uFEFF${lines.join("\r\n")}`);
    const asJson = await paw(["run", "made/mood.weights", "--input-file", "in.jsonl", "--json"]);
    expect(asJson).toMatchObject({ code: 1, stderr: "1 of 4 inputs failed.\n" });
    const answer = expect.stringMatching(/^(good|bad)$/);
    expect(json(asJson.stdout)).toEqual([
      { input: "Lovely\nday", output: answer },
      { input: "Sunny", output: answer },
      { input: 5, error: { code: "type", message: expect.stringContaining("expected a string") } },
      { input: "Splendid", output: answer },
    ]);
    const asText = await paw(["run", "made/mood.weights", "--input-file", "in.jsonl"]);
    expect(asText.code).toBe(1);
    expect(asText.stdout).toMatch(/^(good|bad)\n(good|bad)\n\n(good|bad)\n$/);
    expect(asText.stderr).toContain("in.jsonl, input 3: 5\nerror: ");
  });

  test("objects are inputs themselves or under `input`", async () => {
    write("objects.jsonl", '{"title":"LOUD"}\n{"input":{"title":"soft","stars":2}}\n{"title":3}\n');
    const { code, stdout } = await paw(["run", "made/shout.weights", "--input-file", "objects.jsonl", "--json"]);
    expect(code).toBe(1);
    expect(json(stdout)).toEqual([
      { input: { title: "LOUD" }, output: expect.any(Boolean) },
      { input: { title: "soft", stars: 2 }, output: expect.any(Boolean) },
      { input: { title: 3 }, error: { code: "type", message: expect.stringContaining("title") } },
    ]);
    const one = await paw(["run", "made/shout.weights", "--input", '{"title":"LOUD"}']);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/^(true|false)\n$/) });
  });

  test.each([
    ['"a"\n"b', "made/mood.weights", "2: not JSON"],
    ['"a"\n\n{"inptu":"b"}', "made/mood.weights", '3: the object has no "input"'],
    ["5", "made/mood.weights", "1: neither a string nor an object"],
    ['["a"]', "made/shout.weights", "1: neither a string nor an object"],
  ])("the JSON lines %j are wrong usage, with the line", async (lines, program, message) => {
    write("wrong.jsonl", lines);
    const { code, stdout, stderr } = await paw(["run", program, "--input-file", "wrong.jsonl", "--json"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`error: wrong.jsonl:${message}`);
  });

  test("one input that fails is an error", async () => {
    expect(await paw(["run", "made/shout.weights", "--input", "LOUD"])).toMatchObject({ code: 2, stdout: "" });
    const { code, stdout, stderr } = await paw(["run", "made/shout.weights", "--input", '{"stars":1}', "--json"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("title");
  });

  test("a spec below its accuracy answers, with a warning", async () => {
    const { code, stdout, stderr } = await paw(["run", "gated.paw", "--input", "Lovely"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^(good|bad)\n$/);
    expect(stderr).toBe(`warning: the tests score ${score()}; a build needs 90 %.\n`);
  });

  test("a program for an interpreter that is not here is an error", async () => {
    const { code, stdout, stderr } = await paw(["run", "small.weights", "--input", '{"text":"x"}']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .*0123456789ab.*\nhint: /);
  });

  test.runIf(existsSync("/dev/full"))("output that cannot be written is an error", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [bin, "inspect", "made/mood.weights"], {
      cwd: folder,
      stdio: ["ignore", full, "pipe"],
    });
    expect(await finish(child)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*ENOSPC.*\n$/) });
    closeSync(full);
  });

  test("a reader that stops early is no error", async () => {
    write("many.jsonl", '"Lovely"\n'.repeat(200));
    const child = start(["run", "made/mood.weights", "--input-file", "many.jsonl", "--json"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, stderr } = await finish(child);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe("test", () => {
  test("--json prints one report a file and fails with a failing test", async () => {
    const { code, stdout } = await paw(["test", "mood.paw", "shout.paw", "--json"]);
    expect(code).toBe(1);
    const [moods, shouts] = json(stdout);
    expect(Object.keys(moods)).toEqual(["file", "passed", "failed", "accuracy", "cases"]);
    expect(moods).toEqual({ file: "mood.paw", ...report });
    expect(moods.cases.map(({ input, expected }: TestCase) => `${input} => ${expected}`)).toEqual([
      "Lovely day => good",
      "Lovely, lovely day => bad",
      "Horrible day => good",
      "Horrible, horrible day => bad",
    ]);
    for (const { output, expected, passed } of moods.cases) expect(passed).toBe(output === expected);
    expect(moods.passed + moods.failed).toBe(4);
    expect(moods.failed).toBeGreaterThan(0);
    expect(moods.accuracy).toBe(moods.passed / 4);
    expect(moods.cases[1].location).toMatchObject({ file: "mood.paw", line: 9, column: 1 });
    expect(shouts).toEqual({ file: "shout.paw", passed: 0, failed: 0, accuracy: null, cases: [] });
  });

  test("the accuracy of a spec decides where it has one", async () => {
    const lenient = await paw(["test", "lenient.paw"]);
    expect(lenient).toMatchObject({ code: 0, stderr: "" });
    for (const { location, input, expected, output } of report.cases.filter(({ passed }) => !passed)) {
      const where = `lenient.paw:${location.line + 1}:1`;
      expect(lenient.stdout).toContain(`${where}: "${input}": expected "${expected}", got "${output}"\n`);
    }
    expect(lenient.stdout).toContain(`lenient.paw: passed, ${report.passed} of 4 tests (${score()}, 0 % needed)\n`);
    const gated = await paw(["test", "gated.paw", "mistake.paw"]);
    expect(gated.code).toBe(1);
    expect(gated.stdout).toContain(`gated.paw: failed, ${report.passed} of 4 tests (${score()}, 90 % needed)\n`);
    expect(gated.stderr).toContain("mistake.paw:3:1: error:");
  });
});

describe("types", () => {
  test("writes what is under the current folder, once", async () => {
    rmSync(join(folder, ".paw"), { recursive: true, force: true });
    for (const path of ["node_modules/x", "dist", ".git", "src/deep"]) write(`${path}/inner.paw`, shout);
    const { code, stdout, stderr } = await paw(["types"]);
    expect(code).toBe(1);
    expect(stderr).toContain("mistake.paw:3:1: error:");
    const names = ["gated", "lenient", "mood", "shout", "src/deep/inner", "taught"];
    expect(stdout.trimEnd().split("\n")).toEqual(
      names.map((name) => `wrote ${join(".paw/types", `${name}.d.paw.ts`)}`),
    );
    expect(read(".paw/types/src/deep/inner.d.paw.ts").toString()).toContain(
      "declare const inner: PawClassifier<{ title: string; stars?: number }, boolean>;",
    );
    const before = statSync(join(folder, ".paw/types/mood.d.paw.ts")).mtimeMs;
    const upToDate = "The declarations of 1 spec are up to date.\n";
    expect(await paw(["types", "mood.paw"])).toEqual({ code: 0, stdout: "", stderr: upToDate });
    expect(statSync(join(folder, ".paw/types/mood.d.paw.ts")).mtimeMs).toBe(before);
  });

  test("a spec outside the current folder is wrong usage", async () => {
    const { code, stderr } = await paw(["types", join(fixtures, "specs/sentiment.paw")]);
    expect(code).toBe(2);
    expect(stderr).toContain("is not under");
  });
});

describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
  test("ends a command that waits for stdin", async () => {
    const child = start(["run", "made/mood.weights"]);
    const finished = finish(child);
    // More than a pipe holds: once it is written the command has begun to read.
    await new Promise((resolve) => child.stdin?.write("a".repeat(4e6), resolve));
    child.kill("SIGINT");
    expect(await finished).toEqual({ code: 130, stdout: "", stderr: "" });
  });

  test("ends a compile and leaves nothing half-written", async () => {
    write("slow.paw", `${mood()}\n## Examples\n\n- Horrible => bad\n- Nice => good\n- Sad => bad\n- Glad => good\n`);
    write("slow/slow.weights", "old");
    const child = start(["compile", "slow.paw", "--cache", "slow-cache", "-o", "slow"]);
    const finished = finish(child);
    await vi.waitFor(() => expect(readdirSync(join(folder, "slow-cache"))).not.toEqual([]), { timeout: 60_000 });
    child.kill("SIGINT");
    // (How far it was may be said.)
    const progress = expect.stringMatching(/^(slow: (searching|training) .*\n)*$/);
    expect(await finished).toEqual({ code: 130, stdout: "", stderr: progress });
    expect(readdirSync(join(folder, "slow"))).toEqual(["slow.weights"]);
    expect(read("slow/slow.weights").toString()).toBe("old");
    expect(readdirSync(join(folder, "slow-cache"))).toEqual([]);
  });
});
