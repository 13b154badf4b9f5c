import type { Contract } from "@unplugin-paw/program";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Pair } from "@unplugin-paw/spec";
import { describe, expect, it } from "vitest";
import { CompileError } from "./errors.ts";
import { cutText, fitExamples, learntAnswer } from "./length.ts";

const text: Contract = { input: { kind: "string" }, output: { kind: "string" } };
const labels: Contract = { input: { kind: "string" }, output: { kind: "labels", labels: ["a", "b"] } };

function pair(input: string, output: string, line: number): Pair {
  return { input, output, location: { file: "long.paw", line, column: 3 } };
}

async function fit(contract: Contract, pairs: readonly Pair[]) {
  const warnings: string[] = [];
  const engine = await sharedEngine();
  const fitted = fitExamples(engine, contract, pairs, 128, (message) => warnings.push(message));
  return { ...fitted, warnings, count: (text: string) => engine.interpreter.tokenizer.encode(text).length };
}

describe("long examples", () => {
  it("are cut to what training can afford, with one warning that names them", async () => {
    const long = (n: number) => `begin ${"word and more ".repeat(n)}end`;
    const pairs = [pair("short", "a", 7), pair(long(700), "a", 8), pair(long(2_000), "b", 9)];
    const { shots, warnings, count } = await fit(labels, pairs);
    expect(shots[0]?.input).toBe("short");
    for (const { input } of shots.slice(1)) {
      expect(input).toMatch(/^begin .* … .* ?end$/);
      expect(count(input)).toBeLessThanOrEqual(320);
      expect(count(input)).toBeGreaterThan(250);
    }
    expect(warnings).toEqual([expect.stringContaining("long.paw:8:3, long.paw:9:3")]);
  });

  it("keep what is around the answer", async () => {
    const input = `${"Nothing to see. ".repeat(300)}The order is PX-4521-K, please hurry. ${"Nothing else. ".repeat(300)}`;
    const { shots } = await fit(text, [pair(input, "PX-4521-K", 7)]);
    expect(shots[0]?.input).toContain("The order is PX-4521-K, please hurry.");
  });

  it("are an error at their place where no call could take them", async () => {
    const input = await fit(labels, [pair("word ".repeat(9_000), "a", 12)]).catch((error) => error);
    expect(input).toBeInstanceOf(CompileError);
    expect(input).toMatchObject({ code: "TOO_LONG", location: { file: "long.paw", line: 12, column: 3 } });
    expect(input.message).toMatch(/input of this example has 9,00\d tokens; .* at most 8,\d\d\d/);
    const output = await fit(text, [pair("x", "word ".repeat(5_000), 13)]).catch((error) => error);
    expect(output).toMatchObject({
      code: "TOO_LONG",
      location: { line: 13 },
      message: expect.stringContaining("answer"),
    });
  });
});

describe("long answers", () => {
  it("are never capped below what the examples show", async () => {
    const { answerTokens, count } = await fit(text, [
      pair("x", "a short answer", 7),
      pair("y", "word ".repeat(600), 8),
    ]);
    expect(answerTokens).toBeGreaterThan(count("word ".repeat(600)));
    expect((await fit(text, [pair("x", "yes", 7)])).answerTokens).toBe(32);
    expect((await fit(text, [])).answerTokens).toBe(256);
  });

  it("are learnt from their beginning, with the token that ends one only where it is reached", async () => {
    const { interpreter } = await sharedEngine();
    const stop = interpreter.tokenizer.special(interpreter.chat.stop);
    expect(learntAnswer(interpreter, text, "yes").at(-1)).toBe(stop);
    const long = learntAnswer(interpreter, text, "word ".repeat(600));
    expect(long).toHaveLength(160);
    expect(long).not.toContain(stop);
  });
});

it("cuts no character in two", () => {
  const cut = cutText("😀".repeat(2_000), 100, "", (text) => text.length);
  expect(cut.length).toBeLessThanOrEqual(100);
  expect(cut).toMatch(/^(?:😀)+ … (?:😀)+$/u);
});
