import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type Contract,
  InputError,
  type InputErrorCode,
  type OutputContract,
  OutputError,
  type OutputErrorCode,
  outputLabels,
  parseOutput,
  renderInput,
  renderOutput,
} from "./index.ts";

const returns = (output: OutputContract): Contract => ({ input: { kind: "string" }, output });
const takes = (schema: { [keyword: string]: unknown }): Contract => ({
  input: { kind: "object", schema },
  output: { kind: "string" },
});

function caught<E extends Error>(type: abstract new (...args: never[]) => E, run: () => unknown): E {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(type);
    return error as E;
  }
  throw new Error(`no ${type.name} was thrown`);
}

describe("renderInput", () => {
  test("leaves out blanks of a text that is judged, not those that lines begin with", () => {
    for (const kind of ["boolean", "number", "date"] as const) {
      expect(renderInput(returns({ kind }), "\n  a  b \u00a0c\n  d  \n\te \t\n")).toBe("a b c\n  d  \n\te");
    }
    // (As long as it takes to read it.)
    expect(renderInput(returns({ kind: "boolean" }), `a${" ".repeat(1_000_000)}\nb`)).toHaveLength(1_000_003);
    const judged = { ...returns({ kind: "labels", labels: ["a", "b"] }), input: ticket.input };
    expect(renderInput(judged, { subject: " No power\n", age: 3 })).toBe("subject: No power\nage: 3");
  });

  const ticket = takes({
    type: "object",
    properties: {
      subject: { type: "string" },
      urgent: { type: "boolean" },
      age: { type: "integer", minimum: 0 },
      tags: { type: "array", items: { type: "string" } },
    },
    required: ["subject", "age"],
  });

  test("a string is shown as it is", () => {
    expect(renderInput(returns({ kind: "string" }), " a\nb ")).toBe(" a\nb ");
    expect(renderInput(returns({ kind: "string" }), "")).toBe("");
    expect(renderInput(returns({ kind: "quote" }), " a\nb ")).toBe(" a\nb ");
  });

  test("an object is shown as lines in the schema's order, whatever the value's order", () => {
    const value = { tags: ["x", "y z"], age: 3, urgent: false, subject: "No: power\nhere" };
    expect(renderInput(ticket, value)).toBe('subject: No: power\nhere\nurgent: false\nage: 3\ntags: ["x","y z"]');
  });

  test("optional fields may be absent or undefined", () => {
    expect(renderInput(ticket, { age: 1, subject: "s", tags: undefined })).toBe("subject: s\nage: 1");
  });

  test("fields that the schema describes without naming follow the named ones", () => {
    const open = takes({
      type: "object",
      properties: { b: { type: "string" } },
      additionalProperties: { type: "number" },
    });
    expect(renderInput(open, { z: 1, b: "x", a: 2 })).toBe("b: x\nz: 1\na: 2");
    expect(caught(InputError, () => renderInput(open, { b: "x", a: "2" })).code).toBe("type");
  });

  const cycle: { [name: string]: unknown } = { subject: "s" };
  cycle.age = cycle;
  test.each<[string, unknown, InputErrorCode, RegExp]>([
    ["a string", "text", "type", /^the input is of type string, expected object$/],
    ["an array", [], "type", /^the input is of type array/],
    ["null", null, "type", /^the input/],
    ["undefined", undefined, "type", /^the input/],
    ["a field of the wrong type", { subject: 5, age: 1 }, "type", /^"subject" is of type number, expected string$/],
    ["an item of the wrong type", { subject: "", age: 1, tags: ["a", 2] }, "type", /^"tags\.1" is of type number/],
    ["a missing field", { subject: "" }, "missing", /^the input lacks the field "age"$/],
    ["an unknown field", { subject: "", age: 1, agee: 2 }, "unknown", /^"agee" is not a known field$/],
    ["a field named __proto__", JSON.parse('{"subject":"","age":1,"__proto__":{}}'), "unknown", /__proto__/],
    ["a number out of range", { subject: "", age: -1 }, "value", /^"age" /],
    ["NaN", { subject: "", age: Number.NaN }, "type", /^"age" is of type null/],
    ["a bigint", { subject: "", age: 1n }, "json", /cannot be written as JSON/],
    ["a cycle", cycle, "json", /cannot be written as JSON/],
  ])("%s is refused", (_, value, code, message) => {
    const error = caught(InputError, () => renderInput(ticket, value));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error).toBeInstanceOf(TypeError);
  });

  test("anything but a string is refused where a string is taken", () => {
    for (const value of [1, null, undefined, {}, ["a"], new String("a")]) {
      expect(caught(InputError, () => renderInput(returns({ kind: "string" }), value)).code).toBe("type");
    }
  });

  test("a schema that refers to itself for ever is an error, not a crash", () => {
    const endless = takes({ $ref: "#" });
    expect(caught(InputError, () => renderInput(endless, {})).message).toMatch(/cannot be checked/);
  });

  test("the contract's schema is not touched", () => {
    const schema = Object.freeze({
      type: "object",
      properties: Object.freeze({ a: Object.freeze({ type: "string" }) }),
      required: Object.freeze(["a"]),
    });
    expect(renderInput(takes(schema), { a: "x" })).toBe("a: x");
    expect(Object.getOwnPropertyNames(schema)).toEqual(["type", "properties", "required"]);
  });
});

describe("outputs", () => {
  const list: OutputContract = { kind: "json", schema: { type: "array", items: { type: "string" } } };
  const labels: OutputContract = { kind: "labels", labels: ["very good", "good", "Good"] };

  test.each<[OutputContract, unknown, string]>([
    [labels, "good", "good"],
    [labels, "very good", "very good"],
    [{ kind: "boolean" }, true, "true"],
    [{ kind: "boolean" }, false, "false"],
    [{ kind: "string" }, 'two\n"lines"', 'two\n"lines"'],
    [{ kind: "string" }, "", ""],
    [{ kind: "number" }, -12.5, "-12.5"],
    [{ kind: "number" }, 1e21, "1e+21"],
    [{ kind: "date" }, "2028-02-29", "2028-02-29"],
    [list, ["a", "b c"], '["a","b c"]'],
  ])("%j: %j is %j both ways", (output, value, text) => {
    expect(renderOutput(returns(output), value)).toBe(text);
    expect(parseOutput(returns(output), text)).toEqual(value);
    expect(parseOutput(returns(output), ` \n${text}\t\n`)).toEqual(value);
  });

  test("fields are written in the schema's order, at every depth", () => {
    const point = { type: "object", properties: { x: { type: "number" }, y: { type: "number" } }, required: ["x"] };
    const schema = {
      type: "object",
      properties: { at: { anyOf: [point, { type: "null" }] }, name: { type: "string" } },
    };
    const output: OutputContract = { kind: "json", schema };
    const value = { more: 1, name: "a", at: { y: 2, x: 1 } };
    expect(renderOutput(returns(output), value)).toBe('{"at":{"x":1,"y":2},"name":"a","more":1}');
    const lists: OutputContract = { kind: "json", schema: { type: "array", items: point } };
    expect(renderOutput(returns(lists), [{ y: 2, x: 1 }])).toBe('[{"x":1,"y":2}]');
  });

  test.each<[OutputContract, string, OutputErrorCode]>([
    [labels, "bad", "label"],
    [labels, "GOOD", "label"],
    [labels, "goo", "label"],
    [labels, "", "label"],
    [{ kind: "boolean" }, "True", "boolean"],
    [{ kind: "boolean" }, "1", "boolean"],
    [{ kind: "number" }, "", "number"],
    [{ kind: "number" }, "0x10", "number"],
    [{ kind: "number" }, "1,000", "number"],
    [{ kind: "number" }, "12 apples", "number"],
    [{ kind: "number" }, "NaN", "number"],
    [{ kind: "number" }, "Infinity", "number"],
    [{ kind: "number" }, "1e999", "number"],
    [{ kind: "date" }, "2026-02-29", "date"],
    [{ kind: "date" }, "2026-13-01", "date"],
    [{ kind: "date" }, "2026-1-1", "date"],
    [{ kind: "date" }, "2026-01-01T00:00:00Z", "date"],
    [list, "[1]", "schema"],
    [list, "{}", "schema"],
    [list, '["a"', "json"],
    [list, "a, b", "json"],
    [list, "", "json"],
    [{ kind: "json", schema: {} }, '{"__proto__":{"polluted":true}}', "json"],
    [{ kind: "json", schema: {} }, "1e999", "json"],
    [{ kind: "json", schema: {} }, "[".repeat(1000) + "]".repeat(1000), "json"],
  ])("%j: %j is refused, and the error carries the text", (output, text, code) => {
    const error = caught(OutputError, () => parseOutput(returns(output), ` ${text}\n`));
    expect(error.code).toBe(code);
    expect(error.raw).toBe(` ${text}\n`);
    expect(error.message.length).toBeLessThan(300);
  });

  test.each<[OutputContract, unknown, OutputErrorCode]>([
    [labels, "bad", "label"],
    [labels, 1, "label"],
    [{ kind: "boolean" }, "true", "boolean"],
    [{ kind: "string" }, null, "string"],
    [{ kind: "number" }, "12", "number"],
    [{ kind: "number" }, Number.POSITIVE_INFINITY, "number"],
    [{ kind: "date" }, new Date(0), "date"],
    [{ kind: "date" }, "2026-02-30", "date"],
    [list, [1], "schema"],
    [list, undefined, "json"],
  ])("%j: the value %j is refused", (output, value, code) => {
    expect(caught(OutputError, () => renderOutput(returns(output), value)).code).toBe(code);
  });

  test("the closed sets are labels and booleans", () => {
    expect(outputLabels(returns(labels))).toEqual(["very good", "good", "Good"]);
    expect(outputLabels(returns({ kind: "boolean" }))).toEqual(["true", "false"]);
    expect(outputLabels(returns({ kind: "number" }))).toBeUndefined();
    expect(outputLabels(returns(list))).toBeUndefined();
  });

  test("types", () => {
    expectTypeOf(renderInput).toEqualTypeOf<(contract: Contract, value: unknown) => string>();
    expectTypeOf(renderOutput).toEqualTypeOf<(contract: Contract, value: unknown) => string>();
    expectTypeOf(parseOutput).toEqualTypeOf<(contract: Contract, text: string) => unknown>();
    expectTypeOf(outputLabels).returns.toEqualTypeOf<string[] | undefined>();
    expectTypeOf<{ kind: "labels" }>().not.toExtend<OutputContract>();
    expectTypeOf<{ kind: "object" }>().not.toExtend<Contract["input"]>();
  });
});
