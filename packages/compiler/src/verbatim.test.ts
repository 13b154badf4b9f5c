import type { OutputContract } from "@unplugin-paw/program";
import { describe, expect, it } from "vitest";
import { verbatimOf } from "./verbatim.ts";

const returns = (output: OutputContract) => ({ input: { kind: "string" as const }, output });
const pair = (input: string, output: string) => ({ input, output });
const pairs = [pair("Yours, Ann Lee", "Lee"), pair("Bo Ek, Lund", "Ek"), pair("signed: Cy Fox", "Fox")];

describe("answers in their inputs' words", () => {
  const text = returns({ kind: "string" });

  it("are expected by odds of the examples' number", () => {
    expect(verbatimOf(text, pairs)).toEqual({ by: Math.log(4), besides: [] });
    expect(verbatimOf(text, pairs.slice(1))).toEqual({ by: Math.log(3), besides: [] });
  });

  it("are expected beside other answers that come again", () => {
    const unsigned = [pair("See you", "none"), pair("Bye", "none")];
    expect(verbatimOf(text, [...pairs, ...unsigned])).toEqual({ by: Math.log(6), besides: ["none"] });
    const empty = [pair("See you", ""), pair("Bye", "")];
    expect(verbatimOf(text, [...pairs, ...empty])).toEqual({ by: Math.log(6), besides: [""] });
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
