import { setTimeout as sleep } from "node:timers/promises";
import { type Contract, encodeProgram } from "@unplugin-paw/program";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedEngine } from "./engine.ts";
import { dispose, loadProgram, PawError, type PawFunction, type PawWriter } from "./index.ts";

let repeat: PawWriter;
let short: PawWriter;
let isShort: PawFunction<string, string>;

beforeAll(async () => {
  const { interpreter, session } = await sharedEngine();
  const { tokenizer, chat, id, digest } = interpreter;
  async function load(output: Contract["output"], pairs: string[][], answerTokens: number): Promise<never> {
    const turns = pairs.map(
      ([input, output]) => `${chat.user}${input}${chat.end}${chat.assistant}${output}${chat.end}`,
    );
    const prefix = await session.prefill(tokenizer.encodeTemplate(`${turns.join("")}${chat.user}`));
    const bytes = encodeProgram({
      ...{ name: "test", contract: { input: { kind: "string" }, output }, interpreter: { id, digest }, prefix },
      ...{ pseudoProgram: "", spec: { digest: "0" }, compiler: { version: "0", effort: "test", seed: 0 } },
      ...{ licence: "Apache-2.0", calibration: { temperature: 1 }, scores: { stages: [], tests: null }, answerTokens },
    });
    return (await loadProgram(bytes)) as never;
  }
  const copies = ["One, two, three, four: go!", "Grüße 😀 aus Köln", "日本 is Japan. It is far."].map((text) => [
    text,
    text,
  ]);
  repeat = await load({ kind: "string" }, copies, 60);
  short = await load({ kind: "string" }, copies, 6);
  isShort = await load({ kind: "labels", labels: ["yes", "no"] }, [["a", "yes"]], 1);
});
afterAll(() => dispose());

const text = "The flowers arrived at noon, Ann: thank you so much, they are lovely and smell of Zürich.";

async function all<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

describe("a text as it is written", () => {
  it("comes in parts that make the answer together", async () => {
    const parts = await all(repeat.stream(text));
    const answer = await repeat(text);
    expect(answer.length).toBeGreaterThan(20);
    expect(parts.join("")).toBe(answer);
    expect(parts.length).toBeGreaterThan(1);
    expect("stream" in isShort).toBe(false);
  });

  it("ends with the error that the call ends with, behind what was written", async () => {
    const parts: string[] = [];
    const read = async () => {
      for await (const part of short.stream(text)) parts.push(part);
    };
    await expect(read()).rejects.toMatchObject({
      code: "ANSWER_TOO_LONG",
      raw: expect.stringContaining(parts.join("")),
    });
    expect(parts.join("")).not.toBe("");
    await expect(all(repeat.stream(7 as never))).rejects.toMatchObject({ name: "InputError" });
  });

  it("is cancelled by its signal, and by who reads no further", async () => {
    const abort = new AbortController();
    const read = async () => {
      for await (const _ of repeat.stream(text, { signal: abort.signal })) abort.abort(new Error("enough"));
    };
    await expect(read()).rejects.toThrow("enough");
    await expect(all(repeat.stream(text, { signal: AbortSignal.abort(new Error("before")) }))).rejects.toThrow(
      "before",
    );
    for await (const part of repeat.stream(text)) {
      expect(part).not.toBe("");
      break;
    }
    expect(await repeat("One, two, three, four: go!")).toBe("One, two, three, four: go!");
  });
});

describe("answers as they come", () => {
  const inputs = Array.from({ length: 40 }, (_, i) => `text number ${i}`);

  it("are those of a batch, in the order of the inputs", async () => {
    const answers = await all(isShort.each(inputs));
    expect(answers).toEqual((await isShort.batch(inputs)).map((value) => ({ value })));
    expect(await all(isShort.each([]))).toEqual([]);
  });

  it("have the errors of bad inputs among them", async () => {
    const bad = ["a", 7, "word ".repeat(20_000), () => {}, "b"] as string[];
    const answers = await all(isShort.each(bad));
    expect(answers.map(({ error, value }) => error?.name ?? typeof value)).toEqual([
      "string",
      "InputError",
      "PawError",
      "InputError",
      "string",
    ]);
    expect(answers[2]?.error).toBeInstanceOf(PawError);
  });

  it("do not wait for inputs that are still to come", async () => {
    const answered: string[] = [];
    async function* source() {
      for (const input of ["a", "b", "c"]) {
        yield input;
        await expect.poll(() => answered.length, { timeout: 30_000 }).toBe("abc".indexOf(input) + 1);
      }
    }
    for await (const { value } of isShort.each(source())) answered.push(value as string);
    expect(answered).toHaveLength(3);
  });

  it("are taken before more inputs are read", async () => {
    let read = 0;
    let isClosed = false;
    function* source() {
      try {
        for (;;) yield `input ${read++}`;
      } finally {
        isClosed = true;
      }
    }
    let taken = 0;
    for await (const { value } of isShort.each(source())) {
      expect(["yes", "no"]).toContain(value);
      await sleep(1);
      expect(read - taken).toBeLessThan(97);
      if (++taken === 60) break;
    }
    await expect.poll(() => isClosed).toBe(true);
  });

  it("come before the error of the source, and end with the signal's reason", async () => {
    async function* source() {
      yield* ["a", "b"];
      throw new Error("the file is gone");
    }
    const answers: unknown[] = [];
    const read = async () => {
      for await (const answer of isShort.each(source())) answers.push(answer);
    };
    await expect(read()).rejects.toThrow("the file is gone");
    expect(answers).toHaveLength(2);

    const abort = new AbortController();
    const cancelled = async () => {
      for await (const _ of isShort.each(inputs, { signal: abort.signal })) abort.abort(new Error("enough"));
    };
    await expect(cancelled()).rejects.toThrow("enough");
    expect(["yes", "no"]).toContain(await isShort("a"));
  });
});
