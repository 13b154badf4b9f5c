import type { OutputContract } from "@unplugin-paw/program";
import { describe, expect, it } from "vitest";
import { verbatimOf } from "./verbatim.ts";

const returns = (output: OutputContract) => ({ input: { kind: "string" as const }, output });
const pair = (input: string, output: string) => ({ input, output });
const pairs = [pair("Yours, Ann Lee", "Lee"), pair("Bo Ek, Lund", "Ek"), pair("signed: Cy Fox", "Fox")];

describe("answers in their inputs' words", () => {
  const text = returns({ kind: "string" });

  it("are expected by odds of the examples' number", () => {
    expect(verbatimOf(text, pairs)).toEqual({ by: Math.log(4), besides: [], wholeWords: true });
    expect(verbatimOf(text, pairs.slice(1))).toEqual({ by: Math.log(3), besides: [], wholeWords: true });
  });

  it("are expected beside other answers that come again", () => {
    const unsigned = [pair("See you", "none"), pair("Bye", "none")];
    const expected = { by: Math.log(6), wholeWords: true };
    expect(verbatimOf(text, [...pairs, ...unsigned])).toEqual({ ...expected, besides: ["none"] });
    const empty = [pair("See you", ""), pair("Bye", "")];
    expect(verbatimOf(text, [...pairs, ...empty])).toEqual({ ...expected, besides: [""] });
    // Nothing says of what words would be.
    expect(verbatimOf(text, unsigned)).toEqual({ by: Math.log(3), besides: ["none"], wholeWords: false });
  });

  it("are certain where there are many examples", () => {
    const many = Array.from({ length: 8 }, () => pairs).flat();
    expect(verbatimOf(text, many.slice(1))?.by).toBe(Math.log(24));
    expect(verbatimOf(text, many)?.by).toBe(100);
  });

  it("may be parts of words where an example's is", () => {
    expect(verbatimOf(text, [...pairs, pair("signed: AnnaLee", "Lee")])).toMatchObject({ wholeWords: false });
  });

  it("are not where an example has words of its own, or there is none", () => {
    expect(verbatimOf(text, [...pairs, pair("Yours, Di", "Diana")])).toBeUndefined();
    expect(verbatimOf(text, [...pairs, pair("See you", "")])).toBeUndefined();
    expect(verbatimOf(text, [])).toBeUndefined();
  });

  it("are no matter of values with a form of their own", () => {
    expect(verbatimOf(returns({ kind: "string", pattern: "[A-Z][a-z]+" }), pairs)).toBeUndefined();
    expect(verbatimOf(returns({ kind: "quote" }), pairs)).toBeUndefined();
    expect(verbatimOf(returns({ kind: "number" }), [pair("I am 7", "7")])).toBeUndefined();
  });
});
