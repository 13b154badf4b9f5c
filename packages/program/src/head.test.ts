import { describe, expect, it, test } from "vitest";
import type { Head } from "./head.ts";
import { decodeProgram, encodeProgram, type Program, ProgramError } from "./index.ts";
import { editHeader, headerOf, randomNumbers, refusal, smallProgram } from "./testing.ts";

const next = randomNumbers(5);
/** Three labels; the small program has 2 layers, 1 head of size 8. */
const head: Head = {
  layers: 1,
  weights: Float32Array.from({ length: 24 }, next),
  bias: Float32Array.from({ length: 3 }, next),
};
const program: Program = { ...smallProgram(), head };

describe("a head", () => {
  it("comes back within f16, and then exactly", () => {
    const file = encodeProgram(program);
    const decoded = decodeProgram(file);
    expect(decoded.head?.layers).toBe(1);
    for (const name of ["weights", "bias"] as const) {
      for (const [i, value] of head[name].entries()) {
        expect(Math.abs((decoded.head?.[name][i] as number) - value)).toBeLessThanOrEqual(2 ** -12);
      }
    }
    expect(encodeProgram(decoded)).toEqual(file);
    expect(decodeProgram(encodeProgram(smallProgram())).head).toBeUndefined();
  });

  it("may have a row more than there are labels, the scope", () => {
    const scoped = { layers: 1, weights: new Float32Array(32).fill(0.5), bias: new Float32Array(4) };
    expect(decodeProgram(encodeProgram({ ...program, head: scoped })).head).toEqual(scoped);
    const more = { layers: 1, weights: new Float32Array(40), bias: new Float32Array(5) };
    expect(() => encodeProgram({ ...program, head: more })).toThrow(/the head scores 5 labels of 3/);
  });

  it("leaves the prefix as it is without it", () => {
    const { prefix } = decodeProgram(encodeProgram(program));
    expect(prefix).toEqual(decodeProgram(encodeProgram(smallProgram())).prefix);
  });
});

test.each<[string, Partial<Head>, string]>([
  ["NaN", { weights: head.weights.with(9, Number.NaN) }, "value"],
  ["a bias over f16's range", { bias: head.bias.with(0, 7e4) }, "value"],
  ["a missing weight", { weights: head.weights.subarray(1) }, "value"],
  ["more layers than there are", { layers: 3, weights: new Float32Array(72) }, "value"],
  ["other labels than the contract's", { weights: new Float32Array(16), bias: new Float32Array(2) }, "tensor"],
])("%s is refused when a program is encoded", (_, change, code) => {
  const encode = () => encodeProgram({ ...program, head: { ...head, ...change } });
  expect(encode).toThrow(ProgramError);
  expect(encode).toThrow(expect.objectContaining({ code }));
});

test("a head of a program without closed labels is refused", () => {
  const { contract, calibration, ...rest } = program;
  const texts: Program = {
    ...rest,
    contract: { input: contract.input, output: { kind: "string" } },
    calibration: { temperature: 1 },
  };
  expect(() => encodeProgram(texts)).toThrow(/the head scores 3 labels of 0/);
});

test.each<[string, string, object, RegExp]>([
  ["of three dimensions", "head.weights", { shape: [3, 1, 8] }, /"head\.weights" is missing or not F16 of shape/],
  ["of other heads", "head.weights", { shape: [3, 1, 2, 4] }, /other heads than the prefix/],
  ["of too many layers", "head.weights", { shape: [1, 3, 1, 8] }, /"head\.weights" is missing or not F16/],
  ["of bytes", "head.weights", { dtype: "U8", shape: [48] }, /"head\.weights" is missing or not F16/],
  ["of other labels", "head.bias", { shape: [1, 3] }, /"head\.bias" is missing or not F16 of shape \[3\]/],
])("a forged tensor %s is refused", (_, name, change, message) => {
  const file = encodeProgram(program);
  const forged = editHeader(file, (header) => Object.assign(header[name] as object, change));
  expect(headerOf(forged)[name]).toMatchObject(change);
  const error = refusal(forged);
  expect(error.code).toBe("tensor");
  expect(error.message).toMatch(message);
});
