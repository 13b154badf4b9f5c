import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { decodeProgram, encodeProgram, type ProgramErrorCode } from "./index.ts";
import { smallProgram } from "./testing.ts";

const fixture = (name: string) => readFile(new URL(`../../../fixtures/programs/${name}.weights`, import.meta.url));

// Written once by version 1: a change of these bytes is a change of the format, and needs a new version.
test.each(["i8", "f16"] as const)("the %s format has not moved", async (prefix) => {
  const file = await fixture(`small-${prefix}`);
  expect(file.equals(encodeProgram(smallProgram(), { prefix }))).toBe(true);
  expect(decodeProgram(file).name).toBe("sentiment");
});

test.each<[string, ProgramErrorCode, RegExp]>([
  ["truncated", "truncated", /the tensors need 188 bytes, the file has 148/],
  ["altered", "checksum", /altered/],
  ["nan", "value", /tensor "keys" holds NaN at index 10/],
  ["newer", "version", /made by a newer compiler/],
])("%s.weights is refused as %s", async (name, code, message) => {
  const file = await fixture(name);
  expect(() => decodeProgram(file)).toThrow(expect.objectContaining({ name: "ProgramError", code }));
  expect(() => decodeProgram(file)).toThrow(message);
});
