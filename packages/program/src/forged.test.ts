// Files that were altered on purpose: their checksum is right.
import { describe, expect, test } from "vitest";
import { seal } from "./checksum.ts";
import { decodeProgram, encodeProgram, type Program, type ProgramErrorCode } from "./index.ts";
import { editHeader, editProgram, headerEnd, headerOf, refusal, smallProgram, withHeader } from "./testing.ts";

describe("a forged header", () => {
  const file = encodeProgram(smallProgram());
  const json = JSON.stringify(headerOf(file));

  test("that is only rewritten is accepted: these tests forge well", () => {
    expect(decodeProgram(withHeader(file, json))).toEqual(decodeProgram(file));
  });

  test.each<[string, Uint8Array, ProgramErrorCode]>([
    ["JSON cut short", withHeader(file, json.slice(0, -1)), "header"],
    ["not UTF-8", seal(file.with(200, 0xff)), "header"],
    ["nested too deep", withHeader(file, `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`), "header"],
    ["a __proto__ entry", withHeader(file, json.replace("{", '{"__proto__":{},')), "header"],
    ["a __proto__ in a tensor", withHeader(file, json.replace('"dtype"', '"__proto__":{},"dtype"')), "header"],
    ["length zero", file.with(0, 0).with(1, 0).with(2, 0), "not-weights"],
    ["length over 1 MiB", file.with(2, 0x11), "not-weights"],
    ["length over 2^53", file.with(7, 0xff), "not-weights"],
    ["length over the file", file.with(2, 1), "truncated"],
  ])("%s", (_, bytes, code) => {
    expect(refusal(bytes).code).toBe(code);
  });

  test.each<[string, (metadata: { [name: string]: unknown }) => void, ProgramErrorCode, RegExp]>([
    ["no format", (m) => delete m.format, "not-weights", /without a program/],
    ["another format", (m) => Object.assign(m, { format: "pt" }), "not-weights", /without a program/],
    ["no version", (m) => delete m.version, "version", /unknown/],
    ["a newer version", (m) => Object.assign(m, { version: "4" }), "version", /made by a newer compiler/],
    ["version 0", (m) => Object.assign(m, { version: "0" }), "version", /unknown/],
    ["a number as version", (m) => Object.assign(m, { version: 1 }), "version", /unknown/],
    ["no checksum", (m) => delete m.checksum, "checksum", /altered/],
    ["no program", (m) => delete m.program, "header", /no program/],
    ["a program that is not text", (m) => Object.assign(m, { program: {} }), "header", /no program/],
    ["a program that is not JSON", (m) => Object.assign(m, { program: "{" }), "program", /not valid JSON/],
    ["an unknown entry", (m) => Object.assign(m, { author: "x" }), "header", /"author"/],
  ])("metadata: %s", (_, edit, code, message) => {
    const error = refusal(editHeader(file, (header) => void edit(header.__metadata__)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  const set =
    (tensor: string, field: string, value: unknown) => (header: { [name: string]: { [f: string]: unknown } }) => {
      (header[tensor] as { [f: string]: unknown })[field] = value;
    };
  test.each<[string, (header: { [name: string]: { [field: string]: unknown } }) => unknown, ProgramErrorCode]>([
    [
      "an unknown tensor",
      (h) => Object.assign(h, { extra: { dtype: "U8", shape: [0], data_offsets: [0, 0] } }),
      "tensor",
    ],
    ["keys missing", (h) => delete h.keys, "layout"],
    ["an entry that is null", (h) => Object.assign(h, { keys: null }), "tensor"],
    ["an entry with another field", set("keys", "scale", 1), "tensor"],
    ["dtype unknown", set("keys", "dtype", "F64"), "tensor"],
    ["dtype of an object's method", set("keys", "dtype", "toString"), "tensor"],
    ["dtype a number", set("keys", "dtype", 8), "tensor"],
    ["dtype of the same size", set("keys", "dtype", "U8"), "tensor"],
    ["dtype of another size", set("keys", "dtype", "F16"), "layout"],
    ["shape missing", set("keys", "shape", undefined), "tensor"],
    ["shape negative", set("keys", "shape", [2, 1, -3, -8]), "tensor"],
    ["shape a fraction", set("keys", "shape", [2, 1, 1.5, 16]), "tensor"],
    ["shape text", set("keys", "shape", ["2", 1, 3, 8]), "tensor"],
    ["shape of other rank", set("keys", "shape", [2, 3, 8]), "tensor"],
    ["shape turned", set("keys", "shape", [2, 3, 1, 8]), "tensor"],
    ["shape too large", set("keys", "shape", [2, 1, 4, 8]), "layout"],
    ["shape whose product overflows", set("keys", "shape", [65536, 65536, 65536, 65536]), "tensor"],
    ["shape with huge sizes and a zero", set("keys", "shape", [0, 2 ** 31, 2 ** 31, 2 ** 31]), "tensor"],
    ["values without sizes", set("values", "shape", [64]), "tensor"],
    ["offsets missing", set("keys", "data_offsets", undefined), "layout"],
    ["offsets turned", set("keys", "data_offsets", [148, 100]), "layout"],
    ["offsets negative", set("keys", "data_offsets", [-8, 40]), "layout"],
    ["offsets huge", set("keys", "data_offsets", [2 ** 53, 2 ** 53 + 48]), "layout"],
    ["offsets with a gap", set("values.step", "data_offsets", [181, 189]), "layout"],
    ["offsets that overlap", set("values", "data_offsets", [115, 179]), "layout"],
    ["offsets three", set("keys", "data_offsets", [0, 1, 2]), "layout"],
    [
      "a shape past the end",
      (h) => {
        set("values.step", "data_offsets", [180, 8180])(h);
        set("values.step", "shape", [2, 1, 4000])(h);
      },
      "truncated",
    ],
  ])("tensors: %s", (_, edit, code) => {
    expect(headerOf(file).keys).toEqual({ dtype: "I8", shape: [2, 1, 3, 8], data_offsets: [68, 116] });
    expect(headerOf(file)["values.step"]?.data_offsets).toEqual([180, 188]);
    expect(refusal(editHeader(file, (header) => void edit(header))).code).toBe(code);
  });

  test.each(["keys.first", "keys.scale", "values.scale", "values.step"])("tensors: %s renamed", (name) => {
    const error = refusal(
      editHeader(file, (header) => {
        header.other = header[name] as { [field: string]: unknown };
        delete header[name];
      }),
    );
    expect(error.code).toBe("tensor");
    expect(error.message).toContain(`"${name}" is missing`);
  });
});

describe("a number in a tensor", () => {
  const begin = (file: Uint8Array, name: string) => {
    const { data_offsets: offsets } = headerOf(file)[name] as { data_offsets: [number, number] };
    return headerEnd(file) + offsets[0];
  };
  const i8 = encodeProgram(smallProgram());
  const f16 = encodeProgram(smallProgram(), { prefix: "f16" });

  test.each<[string, Uint8Array, string, number[]]>([
    ["NaN", f16, "keys", [0x01, 0x7e]],
    ["infinity", f16, "values", [0x00, 0xfc]],
    ["NaN", i8, "keys.first", [0x00, 0x7e]],
    ["infinity", i8, "keys.scale", [0x00, 0x7c]],
    ["NaN", i8, "values.scale", [0xff, 0xff]],
    ["a negative scale", i8, "keys.scale", [0x00, 0xbc]],
    ["a negative scale", i8, "values.scale", [0x00, 0xbc]],
    ["-128", i8, "keys", [0x80]],
    ["-128", i8, "values", [0x80]],
  ])("%s: refused, naming the tensor (%#)", (_, file, name, bytes) => {
    const forged = file.slice();
    forged.set(bytes, begin(file, name));
    const error = refusal(seal(forged));
    expect(error.code).toBe("value");
    expect(error.message).toContain(`"${name}"`);
  });
});

/** A schema of lists in lists. */
function nested(levels: number): { [keyword: string]: unknown } {
  return levels === 0 ? { type: "string" } : { anyOf: [nested(levels - 1)] };
}

describe("a forged program", () => {
  const file = encodeProgram(smallProgram());
  const outputs = (output: unknown) => (p: Program) => Object.assign(p.contract, { output });
  const inputs = (schema: unknown) => (p: Program) => Object.assign(p.contract, { input: { kind: "object", schema } });

  test.each<[string, (program: Program) => unknown, RegExp]>([
    ...[
      "name",
      "interpreter",
      "spec",
      "compiler",
      "contract",
      "pseudoProgram",
      "calibration",
      "scores",
      "licence",
    ].flatMap((field): [string, (program: Program) => unknown, RegExp][] => [
      [`${field} missing`, (p) => delete (p as unknown as { [f: string]: unknown })[field], new RegExp(field)],
      [`${field} a number`, (p) => Object.assign(p, { [field]: 5 }), new RegExp(`^${field} is of type number`)],
    ]),
    ["unknown field", (p) => Object.assign(p, { extra: 1 }), /extra is not a known field/],
    ["name empty", (p) => Object.assign(p, { name: "" }), /^name/],
    ["digest short", (p) => Object.assign(p.interpreter, { digest: "abc" }), /^interpreter\.digest/],
    ["digest in capitals", (p) => Object.assign(p.interpreter, { digest: "A".repeat(64) }), /^interpreter\.digest/],
    ["seed a fraction", (p) => Object.assign(p.compiler, { seed: 1.5 }), /^compiler\.seed/],
    ["effort missing", (p) => delete (p.compiler as { effort?: string }).effort, /^compiler lacks the field "effort"/],
    ["effort empty", (p) => Object.assign(p.compiler, { effort: "" }), /^compiler\.effort/],
    ["temperature tiny", (p) => Object.assign(p.calibration, { temperature: 1e-300 }), /^calibration\.temperature/],
    ["temperature huge", (p) => Object.assign(p.calibration, { temperature: 1e300 }), /^calibration\.temperature/],
    ["bias huge", (p) => Object.assign(p.calibration, { bias: [1e300, 1e300, 0] }), /^calibration\.bias\.0/],
    ["temperature zero", (p) => Object.assign(p.calibration, { temperature: 0 }), /^calibration\.temperature/],
    ["bias of other length", (p) => Object.assign(p.calibration, { bias: [1, 2] }), /bias has 2 numbers for 3 labels/],
    ["bias with null", (p) => Object.assign(p.calibration, { bias: [1, 2, null] }), /^calibration\.bias\.2/],
    [
      "stage without name",
      (p) => Object.assign(p.scores, { stages: [{ validation: 1, kept: true }] }),
      /^scores\.stages\.0/,
    ],
    [
      "stage that does not say whether it was kept",
      (p) => Object.assign(p.scores, { stages: [{ name: "a", validation: 1 }] }),
      /^scores\.stages\.0 lacks the field "kept"/,
    ],
    ["more passed than total", (p) => Object.assign(p.scores.tests ?? {}, { passed: 11 }), /more than the total/],
    ["accuracy over 1", (p) => Object.assign(p.scores.tests ?? {}, { accuracy: 2 }), /^scores\.tests\.accuracy/],
    ["abstain over 1", (p) => Object.assign(p.contract, { abstain: 1.1 }), /^contract\.abstain/],
    ["precision over 1", (p) => Object.assign(p.contract, { abstain: { precision: 2 } }), /^contract\.abstain/],
    [
      "precision without a threshold",
      (p) => Object.assign(p.contract, { abstain: { precision: 0.9 } }),
      /threshold and contract\.abstain\.precision go together/,
    ],
    [
      "verbatim of labels",
      (p) => Object.assign(p.calibration, { verbatim: { by: 3, besides: [] } }),
      /verbatim is of strings without a/,
    ],
    [
      "verbatim below 0",
      (p) => Object.assign(p.calibration, { verbatim: { by: -1, besides: [] } }),
      /^calibration\.verbatim\.by/,
    ],
    [
      "verbatim of words by halves",
      (p) => Object.assign(p.calibration, { verbatim: { by: 3, besides: [], wholeWords: 0.5 } }),
      /^calibration\.verbatim\.wholeWords/,
    ],
    ["threshold over 1", (p) => Object.assign(p.calibration, { threshold: 1.5 }), /^calibration\.threshold/],
    ["output unknown", outputs({ kind: "audio" }), /^contract\.output\.kind/],
    ["output without kind", outputs({ labels: ["a"] }), /^contract\.output lacks the field "kind"/],
    ["labels empty", outputs({ kind: "labels", labels: [] }), /^contract\.output\.labels/],
    ["labels missing", outputs({ kind: "labels" }), /^contract\.output/],
    ["label twice", outputs({ kind: "labels", labels: ["a", "b", "a"] }), /label twice/],
    ["label blank", outputs({ kind: "labels", labels: ["a", "b", " "] }), /blank/],
    ["label a number", outputs({ kind: "labels", labels: ["a", "b", 3] }), /^contract\.output\.labels\.2/],
    ["field of another kind", outputs({ kind: "number", labels: ["a"] }), /labels is not a known field/],
    ["bias or abstain without labels", outputs({ kind: "string" }), /abstain needs an output of closed labels/],
    ["input schema not of an object", inputs({ type: "string" }), /^contract\.input\.schema\.type/],
    ["input schema missing", (p) => Object.assign(p.contract, { input: { kind: "object" } }), /^contract\.input/],
    ["schema keyword unknown", inputs({ type: "object", $dynamicRef: "#x" }), /\$dynamicRef is not a known field/],
    ["schema keyword of wrong type", inputs({ type: "object", required: 5 }), /schema\.required/],
    ["schema in a schema", inputs({ type: "object", properties: { a: { items: 5 } } }), /properties\.a\.items/],
    [
      "schema with a pattern of parts of texts",
      inputs({ type: "object", properties: { a: { pattern: "(a+)+$" } } }),
      /has a pattern that is not of whole texts/,
    ],
    ["output with a pattern of parts", outputs({ kind: "string", pattern: "a" }), /^contract\.output has a pattern/],
    [
      "schema with a pattern that is not understood",
      inputs({ type: "object", properties: { a: { pattern: "^(?:(?=a))$" } } }),
      /has a pattern that cannot be read: of groups/,
    ],
    ["schema that reaches out", inputs({ type: "object", $ref: "https://example.com" }), /\$ref/],
    ["schema that leads to itself", inputs({ type: "object", $ref: "#" }), /\$ref is not a known field/],
    ["schema that names others", inputs({ type: "object", $defs: { a: {} } }), /\$defs is not a known field/],
    ["schema with a format that nobody knows", inputs({ type: "object", format: "regex" }), /schema\.format/],
    ["schema that is deep", (p) => inputs({ type: "object", properties: { a: nested(27) } })(p), /deeper than/],
    [
      "schema that is large",
      inputs({ type: "object", properties: { a: { enum: Array.from({ length: 60_000 }, (_, i) => i) } } }),
      /^contract\.input\.schema has 600\d\d parts, and may have 50000$/,
    ],
    [
      "more labels than anybody has",
      outputs({ kind: "labels", labels: Array.from({ length: 20_000 }, (_, i) => `${i}`) }),
      /^contract\.output\.labels/,
    ],
  ])("%s", (_, edit, message) => {
    const error = refusal(editProgram(file, (program) => void edit(program)));
    expect(error.code).toBe("program");
    expect(error.message).toMatch(message);
  });

  test.each([
    ["infinite bias", '"bias":[0.1,', '"bias":[1e999,'],
    ["__proto__", '{"text":', '{"__proto__":{"polluted":true},"text":'],
  ])("JSON text: %s", (_, from, to) => {
    const forged = editHeader(file, ({ __metadata__: metadata }) => {
      const program = metadata.program as string;
      expect(program).toContain(from);
      metadata.program = program.replace(from, to);
    });
    expect(refusal(forged).code).toBe("program");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
