import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSpec, type Spec } from "@unplugin-paw/spec";
import { type TeachOptions, teach } from "@unplugin-paw/teacher";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Fault, labelOf, type TeacherServer, teacherServer } from "./teacher-helpers/server.ts";

let folder: string;
let file: string;
let server: TeacherServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paw-teacher-"));
  file = join(folder, "tone.paw");
  write("Decide whether a message is polite or rude.");
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

const OWN = `## Examples
- Many thanks => polite

## Tests
- What a secret test => rude
`;

function write(instructions: string, labels = "polite, rude"): void {
  writeFileSync(file, `---\nreturns: [${labels}]\n---\n${instructions}\n\n${OWN}`);
}

function spec(): Spec {
  const { spec, diagnostics } = readSpec(file);
  return spec ?? expect.unreachable(JSON.stringify(diagnostics));
}

async function start(fault?: (request: number) => Fault | undefined): Promise<TeacherServer> {
  server = await teacherServer(fault);
  return server;
}

const record = () => `${file}.pairs.jsonl`;
const inputs = () => spec().examples.map(({ input }) => input as string);
const run = (options: TeachOptions = {}) => {
  const { url } = server ?? expect.unreachable();
  return teach(spec(), { url, model: "local" }, { pairs: 24, patience: 500, retries: 2, ...options });
};

/** What must hold of every record: no pair twice, all answers right, the spec's tests never shown. */
function expectSound(pairs: number): void {
  const { examples, tests } = spec();
  expect(examples).toHaveLength(pairs);
  expect(new Set(inputs()).size).toBe(pairs);
  for (const { input, output, by } of examples) if (by) expect(output).toBe(labelOf(input as string));
  const asked = server?.requests.map(({ system, user }) => system + user).join("\n") ?? "";
  for (const { input } of tests) expect(asked).not.toContain(input);
  expect(existsSync(`${record()}.partial`)).toBe(false);
}

describe("a teacher", () => {
  test("fills a spec up to as many pairs as it should have, labels in balance, and says what that took", async () => {
    const { requests } = await start();
    const progress: number[] = [];
    const estimates: number[] = [];
    const { pairs, usage } = await run({
      onStart: ({ calls }) => estimates.push(calls, requests.length),
      onProgress: ({ pairs }) => progress.push(pairs),
    });
    expect(estimates).toEqual([18, 0]); // before anything is asked
    expect(usage.calls).toBeLessThan(2 * 18);
    expect(usage.calls).toBeGreaterThan(18 / 2);
    expect(pairs).toBe(23);
    expectSound(24);
    const polite = spec().examples.filter(({ output }) => output === "polite").length;
    expect(polite).toBeGreaterThanOrEqual(8);
    expect(polite).toBeLessThanOrEqual(16);
    expect(usage).toEqual({
      calls: requests.length,
      inputTokens: 300 * requests.length,
      outputTokens: 100 * requests.length,
    });
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(24);
    expect(requests[0]?.system).toContain("Decide whether a message is polite or rude.");
    expect(requests[0]?.system).toContain("Many thanks");
  });

  test.each(["booleans", "booleans as texts"] as const)("answers with true and false: %s", async (said) => {
    await start(() => said);
    writeFileSync(file, "---\nreturns: boolean\n---\nIs the message polite?\n");
    const { pairs, usage } = await run({ pairs: 12 });
    expect(pairs).toBe(12);
    for (const { input, output } of spec().examples) expect(output).toBe(labelOf(input as string) === "polite");
    // Each round is written, answered once (the label that an input was written for agrees) and reviewed.
    expect(usage.calls).toBeLessThanOrEqual(1 + 3 * 3);
  });

  test("is asked nothing where there are pairs enough", async () => {
    await start();
    await run();
    const before = readFileSync(record(), "utf8");
    const { requests } = await start();
    await run({ onStart: () => expect.unreachable() });
    expect(requests).toHaveLength(0);
    expect(readFileSync(record(), "utf8")).toBe(before);
  });

  test("is asked about other instructions only what no longer fits; what a person edited stays", async () => {
    await start();
    await run();
    const [first, ...rest] = readFileSync(record(), "utf8").trimEnd().split("\n") as [string, ...string[]];
    const edited = first.replace(/"output":"\w+"/, '"output":"rude"').replace("Thank you", "Thanks a lot");
    writeFileSync(record(), [edited, ...rest].map((line) => `${line}\n`).join(""));
    write("Decide whether a message to a company is polite or rude.");
    expect(spec().record).toEqual({ outdated: 22 });
    const { requests } = await start();
    await run();
    expect(requests.filter(({ user }) => user.startsWith("Write"))).toHaveLength(0);
    expect(spec().record).toEqual({ outdated: 0 });
    expect(readFileSync(record(), "utf8")).toContain(`${edited}\n`);
    expect(inputs()).toHaveLength(24);
    // A pair that fits no more is replaced.
    write("Decide whether a message to a company is polite or rude.", "polite, rude, unsure");
    expect(spec().record?.outdated).toBe(22);
  });

  test("quotes the input, or nothing is kept of what it says", async () => {
    await start();
    writeFileSync(file, "---\nreturns: quote\n---\nFind the word that makes the message polite.\n");
    await expect(run()).rejects.toThrow(/gave no pair/);
    expect(inputs()).toEqual([]);
    expect(server?.requests[0]?.system).toContain("word for word");
  });

  test("answers real inputs before it invents others, and never those of the tests", async () => {
    await start();
    const real = ["Thank goodness it is Friday", "Move over", "What a secret test", "Move over", "  ", 7];
    const { refused } = await run({ inputs: real });
    expect(inputs().slice(1, 3)).toEqual(["Thank goodness it is Friday", "Move over"]);
    expect(refused).toBe(2);
    expectSound(24);
  });

  test.each<[string, string]>([
    ["mails.txt", "Thank goodness it is Friday\r\n\r\nMove over\r\n"],
    ["mails.jsonl", '"Thank goodness it is Friday"\n{"input":"Move over"}\n'],
  ])("answers the real inputs that the spec names: %s", async (name, text) => {
    writeFileSync(join(folder, name), text);
    writeFileSync(file, readFileSync(file, "utf8").replace("---\n", `---\ninputs: ./${name}\n`));
    await start();
    await run();
    expect(inputs().slice(1, 3)).toEqual(["Thank goodness it is Friday", "Move over"]);
    // Who has the record needs no other file.
    rmSync(join(folder, name));
    expect(inputs()).toHaveLength(24);
  });

  test.each<[string, string | undefined, string]>([
    ["mails.jsonl", '"fine"\n{', "mails.jsonl:2: not JSON"],
    ["mails.txt", undefined, "mails.txt cannot be read: ENOENT"],
  ])("is not asked where the real inputs cannot be read: %s", async (name, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, name), text);
    writeFileSync(file, readFileSync(file, "utf8").replace("---\n", `---\ninputs: ./${name}\n`));
    const { requests } = await start();
    await expect(run()).rejects.toMatchObject({ code: "INPUTS", message: expect.stringContaining(message) });
    expect(requests).toHaveLength(0);
    expect(existsSync(record())).toBe(false);
  });

  test("answers what a program is least sure of", async () => {
    await start();
    const seen: string[] = [];
    const doubtful: string[] = [];
    await run({
      pairs: 9,
      certainty: async (inputs) => {
        const written = inputs as string[];
        seen.push(...written);
        doubtful.push(...written.filter((_, i) => i % 4 === 0));
        return written.map((input) => (doubtful.includes(input) ? 0.5 : 0.9));
      },
    });
    expect(seen.length).toBeGreaterThan(16);
    expect(doubtful.length).toBeLessThan(8);
    expect(inputs()).toEqual(expect.arrayContaining(doubtful));
  });

  test("that sees one label everywhere writes no wrong pair", async () => {
    await start(() => "one label");
    await expect(run()).rejects.toMatchObject({ code: "ANSWER", message: expect.stringContaining("gave no pair") });
    const lines = readFileSync(`${record()}.partial`, "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(4);
    for (const { input, output } of lines.map((line) => JSON.parse(line))) expect(output).toBe(labelOf(input));
  });

  test("leaves out inputs whose answer is not the one that they were written for", async () => {
    await start((request) => (request < 3 ? "other labels" : undefined));
    await run({ pairs: 16 });
    expectSound(16);
    const asked = server?.requests.filter(({ user }) => user.startsWith("Write"));
    expect(asked?.length).toBeGreaterThan(2);
  });

  test("may copy what it was shown as an example: that is no pair, and no kind of input", async () => {
    await start((request) => (request < 4 ? "example" : undefined));
    await run({ pairs: 16 });
    expectSound(16);
    const shown = server?.requests.flatMap(({ user }) => [...user.matchAll(/^\{.*"input":"(.*card.*)"\}$/gim)]) ?? [];
    expect(shown.length).toBeGreaterThan(2);
    for (const [, copy] of shown) expect(inputs()).not.toContain(copy);
    const kinds = server?.requests.flatMap(({ user }) => /^Write .* in this situation: (.*)$/m.exec(user)?.[1] ?? []);
    expect(kinds?.length).toBeGreaterThan(1);
    for (const kind of kinds ?? []) expect(kind).not.toMatch(/pensioner|traveller/);
  });

  test("gets a key from the environment, which no file has", async () => {
    vi.stubEnv("PAW_TEACHER_KEY", "sk-secret");
    const { requests } = await start();
    await run();
    vi.unstubAllEnvs();
    expect(requests[0]?.authorization).toBe("Bearer sk-secret");
    expect(readFileSync(record(), "utf8")).not.toContain("secret");
  });
});

describe("a teacher that fails", () => {
  const passing: Fault[] = ["hang", "cut", "429", "500", "no json", "refusal", "truncated", "wrong labels", "fenced"];

  test.each(passing)("%s, now and then: the pairs are all there, and right", async (fault) => {
    await start((request) => (request === 1 || request === 7 ? fault : undefined));
    await run();
    expectSound(24);
  });

  test.each<[Fault, string, RegExp]>([
    ["401", "KEY", /refused \(HTTP 401\)/],
    ["429", "RATE", /HTTP 429/],
    ["500", "NETWORK", /HTTP 500/],
    ["hang", "NETWORK", /no answer within 0\.5 s/],
    ["cut", "NETWORK", /failed/],
    ["refusal", "ANSWER", /I'm sorry/],
    ["no json", "ANSWER", /JSON lines/],
  ])("%s, always: an error that says so, and no record", async (fault, code, message) => {
    await start(() => fault);
    const error = await run({ retries: 1 }).catch((error) => error);
    expect(error).toMatchObject({ name: "TeacherError", code, message: expect.stringMatching(message) });
    expect(error.hint).not.toBe("");
    expect(existsSync(record())).toBe(false);
  });

  test("wrong labels, always: an error that says what to do, and no record", async () => {
    await start(() => "wrong labels");
    await expect(run()).rejects.toMatchObject({ code: "ANSWER", message: expect.stringContaining("gave no pair") });
    expect(existsSync(record())).toBe(false);
  });

  test("a network that is gone in the middle: what was written is used by the next run, and asked for once", async () => {
    await start((request) => (request === 8 ? "gone" : undefined));
    await expect(run({ retries: 1 })).rejects.toMatchObject({ code: "NETWORK" });
    const kept = readFileSync(`${record()}.partial`, "utf8");
    expect(kept.trim().split("\n").length).toBeGreaterThan(4);
    await start();
    await run();
    expect(readFileSync(record(), "utf8").startsWith(kept)).toBe(true);
    expect(spec().examples).toHaveLength(24);
  });

  test.each<[string, TeachOptions, number]>([
    ["calls", { limits: { calls: 9 } }, 9],
    ["tokens", { limits: { tokens: 6000 } }, 14],
    ["cost", { limits: { cost: 0.01 }, price: { input: 1, output: 4 } }, 14],
  ])("its cap on %s is never passed", async (name, options, most) => {
    const { requests } = await start((request) => (request === 3 ? "500" : undefined));
    await expect(run(options)).rejects.toMatchObject({ code: "LIMIT", message: expect.stringContaining("cap") });
    expect(requests.length, name).toBeLessThanOrEqual(most);
    expect(requests.length).toBeGreaterThan(3);
  });

  test("a process that is killed leaves a record that the next one goes on with", async () => {
    const { url, requests } = await start();
    const script = fileURLToPath(new URL("./teacher-helpers/teach.js", import.meta.url));
    const child = fork(script, [file, url], { execArgv: [] });
    await vi.waitFor(() => expect(existsSync(`${record()}.partial`)).toBe(true), { timeout: 60_000, interval: 1 });
    child.kill("SIGKILL");
    await once(child, "exit");
    const before = requests.length;
    expect(existsSync(record())).toBe(false);
    await run();
    expectSound(24);
    expect(requests.length - before).toBeLessThan(20);
  });

  test("two at once ask once", async () => {
    const { requests } = await start();
    await Promise.all([run(), run()]);
    expectSound(24);
    expect(requests.filter(({ user }) => user.startsWith("Name"))).toHaveLength(1);
  });

  test.each<[unknown, RegExp]>([
    [{}, /no language model/],
    ["gpt-5", /no language model/],
    [{ url: "localhost", model: "x" }, /must be a URL/],
    [{ gguf: "/nowhere/model.gguf" }, /There is no file/],
    [{ specificationVersion: "v2", doGenerate() {} }, /another AI SDK/],
  ])("%j is refused", async (teacher, message) => {
    await expect(teach(spec(), teacher as never)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});
