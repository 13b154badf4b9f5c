import { describe, expect, it } from "vitest";
import { fieldProbabilities, logProbability, probabilityOf } from "./certainty.ts";
import { logSoftmax } from "./score.ts";

describe("the log-probability of a token", () => {
  it("is what a softmax over all tokens gives it", () => {
    const logits = Float32Array.from({ length: 5_000 }, (_, i) => 20 * Math.sin(i * i) - 5);
    const exact = logSoftmax([...logits]);
    for (const token of [0, 7, 4_999]) expect(logProbability(logits, token)).toBeCloseTo(exact[token] as number, 3);
  });

  it("stays finite for logits of any size", () => {
    expect(logProbability(Float32Array.of(1e30, 1e30, -1e30), 0)).toBeCloseTo(Math.log(0.5));
  });
});

describe("the certainty of an object", () => {
  /** One token a character, each of which halves the probability of what it is part of. */
  function certainty(value: object) {
    const text = JSON.stringify(value);
    const ends = Array.from(text, (_, i) => i + 1);
    const logs = Array.from(text, () => Math.log(0.5));
    return { text, probability: probabilityOf(logs), fields: fieldProbabilities(logs, ends, text) };
  }

  it("has each field's value by itself, whatever is in it", () => {
    const value = { "a:b": '}",{ \\', list: [{ deep: [1, "]"] }, 2], n: -1.5e3, nothing: null, yes: true, none: {} };
    const { text, probability, fields } = certainty(value);
    const expected = Object.entries(value).map(([name, one]) => [name, 0.5 ** JSON.stringify(one).length]);
    expect(Object.entries(fields)).toEqual(expected.map(([name, p]) => [name, expect.closeTo(p as number, 12)]));
    expect(probability).toBeCloseTo(0.5 ** text.length, 12);
    expect(certainty({}).fields).toEqual({});
  });

  it("counts a token that is partly of a field, and what ends the answer for the whole", () => {
    const text = '{"n":12}';
    const tokens = ['{"n":', "12}"];
    const ends = tokens.map((_, i) => tokens.slice(0, i + 1).join("").length);
    const logs = [0, Math.log(0.5), Math.log(0.1)];
    expect(fieldProbabilities(logs, ends, text).n).toBeCloseTo(0.5);
    expect(probabilityOf(logs)).toBeCloseTo(0.05);
    expect(probabilityOf([Math.log(0.25)])).toEqual(0.25);
  });
});
