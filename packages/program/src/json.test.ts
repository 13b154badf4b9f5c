import { expect, it } from "vitest";
import { InputError, OutputError, parseOutput, renderInput } from "./index.ts";
import { parseJson } from "./json.ts";

it("refuses nesting before it makes anything of it, and knows a bracket in a text", () => {
  for (const [open, close] of ["[]", ['{"a":', "}"]]) {
    const nested = (levels: number) => `${(open as string).repeat(levels)}0${(close as string).repeat(levels)}`;
    expect(parseJson(nested(64))).toBeTypeOf("object");
    for (const levels of [65, 5000, 3_000_000]) {
      expect(() => parseJson(nested(levels))).toThrow(new SyntaxError("nested deeper than 64 levels"));
    }
  }
  expect(parseJson(JSON.stringify("[".repeat(100)))).toBe("[".repeat(100));
  expect(parseJson(JSON.stringify(['\\"', "[".repeat(100)]))).toEqual(['\\"', "[".repeat(100)]);
  expect(() => parseJson('"\\')).toThrow(SyntaxError);
});

it("an input and an answer as deep as anybody likes are errors of their own", () => {
  const contract = {
    input: { kind: "object" as const, schema: { type: "object", properties: { a: { type: "array" } } } },
    output: { kind: "json" as const, schema: { type: "array" } },
  };
  let a: unknown[] = [];
  for (let i = 0; i < 100; i++) a = [a];
  expect(() => renderInput(contract, { a })).toThrow(InputError);
  for (let i = 0; i < 100_000; i++) a = [a];
  expect(() => renderInput(contract, { a })).toThrow(InputError);
  expect(() => parseOutput(contract, "[".repeat(100_000))).toThrow(OutputError);
});

it("a number of a million digits is read at once, or refused at once", () => {
  const contract = { input: { kind: "string" as const }, output: { kind: "number" as const } };
  const digits = "1".repeat(1_000_000);
  for (const text of [digits, `${digits}x`, `${digits}.${digits}x`, `.${digits}e`, `0.${digits}`]) {
    if (text.startsWith("0.")) expect(parseOutput(contract, text)).toBeCloseTo(0.1111);
    else expect(() => parseOutput(contract, text)).toThrow(OutputError);
  }
});
