import { describe, expect, test } from "vitest";
import {
  type Contract,
  decodeProgram,
  encodeProgram,
  type Program,
  type ProgramErrorCode,
  renderInput,
} from "./index.ts";
import { editHeader, headerEnd, headerOf, refusal, smallProgram, withHeader } from "./testing.ts";

const text = (string: string) => new TextEncoder().encode(string);

describe("a program", () => {
  test.each(["i8", "f16"] as const)("comes back as it was (%s), up to the prefix's rounding", (prefix) => {
    const program = smallProgram();
    const decoded = decodeProgram(encodeProgram(program, { prefix }));
    const { prefix: numbers, ...rest } = decoded;
    const { prefix: originals, ...others } = program;
    expect(rest).toEqual(others);
    expect({ ...numbers, keys: 0, values: 0 }).toEqual({ ...originals, keys: 0, values: 0 });
    const tolerance = prefix === "i8" ? 0.05 : 0.005;
    numbers.keys.forEach((key, i) => {
      expect(Math.abs(key - (originals.keys[i] as number))).toBeLessThan(tolerance);
    });
    numbers.values.forEach((value, i) => {
      expect(Math.abs(value - (originals.values[i] as number))).toBeLessThan(tolerance / 8);
    });
  });

  test("gives the same bytes again, also from objects whose keys stand in another order", () => {
    const program = smallProgram();
    const shuffled = Object.fromEntries(Object.entries(program).reverse()) as unknown as Program;
    shuffled.contract = Object.fromEntries(Object.entries(program.contract).reverse()) as unknown as Contract;
    expect(encodeProgram(shuffled)).toEqual(encodeProgram(program));
    expect(encodeProgram(decodeProgram(encodeProgram(program)))).toEqual(encodeProgram(program));
  });

  test("keeps the order of an input's fields, which the model reads", () => {
    const program = smallProgram();
    const value = { age: 3, text: "x" };
    expect(renderInput(decodeProgram(encodeProgram(program)).contract, value)).toBe("text: x\nage: 3");
  });

  test.each<Contract>([
    { input: { kind: "string" }, output: { kind: "boolean" }, abstain: 0.5 },
    { input: { kind: "string" }, output: { kind: "string" } },
    {
      input: { kind: "string" },
      output: { kind: "json", schema: { type: "integer", minimum: 1, maximum: 5 } },
    },
    { input: { kind: "string" }, output: { kind: "number" } },
    { input: { kind: "string" }, output: { kind: "date" } },
    {
      input: { kind: "object", schema: { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" } },
      output: {
        kind: "json",
        schema: {
          type: "object",
          properties: {
            a: { anyOf: [{ const: "x" }, { enum: ["y", null] }, { type: "boolean" }], description: "one of three" },
            b: { type: "array", items: { type: "object", properties: { c: { type: "number" } }, required: ["c"] } },
            d: { type: ["string", "null"] },
            e: { type: "string", format: "date" },
          },
          required: ["a"],
          additionalProperties: false,
        },
      },
    },
  ])("carries every kind of contract: $output.kind", (contract) => {
    const program = { ...smallProgram(), contract, calibration: { temperature: 1 } };
    expect(decodeProgram(encodeProgram(program)).contract).toEqual(contract);
  });

  test("may lie anywhere in a larger buffer", () => {
    const file = encodeProgram(smallProgram());
    const pool = new Uint8Array(file.length + 3);
    pool.set(file, 3);
    expect(decodeProgram(pool.subarray(3))).toEqual(decodeProgram(file));
  });

  test("is a safetensors file: aligned tensors, no gaps, string metadata", () => {
    const file = encodeProgram(smallProgram());
    const { __metadata__: metadata, ...tensors } = headerOf(file);
    expect(headerEnd(file) % 8).toBe(0);
    expect(Object.values(metadata).every((value) => typeof value === "string")).toBe(true);
    expect(metadata).toMatchObject({ format: "paw", version: "3" });
    const ends = Object.values(tensors).map(({ data_offsets }) => data_offsets as [number, number]);
    expect(ends.map(([begin]) => begin)).toEqual([0, ...ends.slice(0, -1).map(([, end]) => end)]);
    expect(headerEnd(file) + (ends.at(-1)?.[1] ?? 0)).toBe(file.length);
  });

  test("is refused when it is malformed, so that no unreadable file is written", () => {
    const program = smallProgram();
    const bad: Program[] = [
      { ...program, name: "" },
      { ...program, calibration: { temperature: Number.NaN } },
      { ...program, calibration: { temperature: 1, bias: [1] } },
      { ...program, contract: { ...program.contract, output: { kind: "labels", labels: ["a", "a", "b"] } } },
      { ...program, interpreter: { id: "x", digest: "ABC" } },
    ];
    for (const each of bad) {
      expect(() => encodeProgram(each)).toThrow(expect.objectContaining({ name: "ProgramError", code: "program" }));
    }
    expect(() => encodeProgram({ ...program, pseudoProgram: "x".repeat(2 ** 20) })).toThrow(
      expect.objectContaining({ code: "too-large" }),
    );
  });
});

describe("the interpreter", () => {
  const file = encodeProgram(smallProgram());
  const { interpreter } = smallProgram();

  test("that was expected is accepted", () => {
    expect(decodeProgram(file, { interpreter }).name).toBe("sentiment");
  });

  test("of another digest or id is refused: recompile", () => {
    for (const other of [
      { ...interpreter, digest: "f".repeat(64) },
      { ...interpreter, id: "other" },
    ]) {
      const error = refusal(file, { interpreter: other });
      expect(error.code).toBe("interpreter");
      expect(error.message).toContain("smollm2-135m-instruct (0123456789ab)");
      expect(error.hint).toMatch(/recompile/i);
    }
  });
});

describe("what is not a .weights file", () => {
  test.each<[string, Uint8Array, ProgramErrorCode, RegExp]>([
    ["nothing", new Uint8Array(), "empty", /empty/],
    ["a text spec", text("---\nreturns: [a, b]\n---\nDecide.\n"), "not-weights", /text/],
    ["a short text", text("hi"), "not-weights", /text/],
    ["a zip", Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0), "not-weights", /zip/],
    ["a bundle", text("PAK\x01\0\0\0\0\0\0"), "not-weights", /bundle/],
    ["another bundle", text("PAW\x02\0\0\0\0\0\0"), "not-weights", /bundle/],
    ["an image", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0), "not-weights", /safetensors/],
    ["zeros", new Uint8Array(100), "not-weights", /safetensors/],
    ["seven bytes", Uint8Array.of(1, 0, 0, 0, 0, 0, 0), "truncated", /7 bytes/],
    [
      "a safetensors file of something else",
      withHeader(new Uint8Array(8), '{"__metadata__":{}}'),
      "not-weights",
      /program/,
    ],
    ["safetensors without metadata", withHeader(new Uint8Array(8), "{}      "), "header", /__metadata__/],
    ["over 64 MiB", new Uint8Array(64 * 2 ** 20 + 1), "too-large", /limit/],
  ])("%s", (_, bytes, code, message) => {
    const error = refusal(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test("a value that is not bytes", () => {
    for (const value of [undefined, null, "text", {}, new ArrayBuffer(8)]) {
      expect(refusal(value as unknown as Uint8Array).code).toBe("not-weights");
    }
  });
});

describe("an altered file", () => {
  const file = encodeProgram(smallProgram());

  test("is noticed at every byte", () => {
    for (let at = 0; at < file.length; at++) {
      refusal(file.with(at, (file[at] as number) ^ 1));
      refusal(file.with(at, (file[at] as number) ^ 0x80));
    }
  });

  test("is noticed when cut at any length", () => {
    for (let length = 0; length < file.length; length++) refusal(file.subarray(0, length));
    expect(refusal(file.subarray(0, file.length - 1)).code).toBe("truncated");
    expect(refusal(file.subarray(0, 100)).code).toBe("truncated");
  });

  test("is noticed when bytes were added", () => {
    expect(refusal(new Uint8Array([...file, 0])).code).toBe("layout");
  });

  test("in its tensors or its program has a wrong checksum", () => {
    expect(refusal(file.with(file.length - 1, 77)).code).toBe("checksum");
    const spot = new TextDecoder("latin1").decode(file).indexOf("Loved it");
    expect(refusal(file.with(spot, 0x6c)).code).toBe("checksum");
  });

  test("with another header that says the same is refused too", () => {
    const moved = editHeader(file, (header) => {
      const { checksum, ...rest } = header.__metadata__;
      header.__metadata__ = { ...rest, checksum: checksum as string };
    });
    expect(refusal(moved).code).toBe("checksum");
  });
});
