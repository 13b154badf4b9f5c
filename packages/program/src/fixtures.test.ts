import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { decodeProgram, encodeProgram, type ProgramErrorCode } from "./index.ts";
import { smallProgram } from "./testing.ts";

const fixture = (name: string) => readFile(new URL(`../../../fixtures/programs/${name}.weights`, import.meta.url));

// Written once by version 3: a change of these bytes is a change of the format, and needs a new version.
test.each(["i8", "f16"] as const)("the %s format has not moved", async (prefix) => {
  const file = await fixture(`small-${prefix}`);
  expect(file.equals(encodeProgram(smallProgram(), { prefix }))).toBe(true);
  expect(decodeProgram(file).name).toBe("sentiment");
});

test("a file of version 1 is read, and is the same program, of which nothing else is known", async () => {
  const { provenance, ...program } = decodeProgram(await fixture("small-i8"));
  expect(provenance).toEqual(smallProgram().provenance);
  const old = decodeProgram(await fixture("v1/small-i8"));
  expect(old).toEqual(program);
  // Written again it is a file of this version.
  expect(decodeProgram(encodeProgram(old))).toEqual(old);
});

test("a file of version 2 is read and is the same program, but one with a head is to be compiled again", async () => {
  expect(decodeProgram(await fixture("v2/small-i8"))).toEqual(decodeProgram(await fixture("small-i8")));
  const headed = await fixture("v2/headed");
  expect(() => decodeProgram(headed)).toThrow(
    expect.objectContaining({ code: "version", hint: "Compile the spec again with this version." }),
  );
  expect(() => decodeProgram(headed)).toThrow(/made by an older compiler: the file has format version 2, whose head/);
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
