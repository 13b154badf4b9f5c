import { describe, expect, test } from "vitest";
import { parseSpec, specTypes } from "./index.ts";

const read = (header: string, examples = "") =>
  parseSpec(`---\n${header}\n---\nGo.\n${examples && `\n## Examples\n${examples}\n`}`, "f.paw");
const schemaOf = (returns: string) => {
  const output = read(`returns: ${returns}`).spec?.contract.output;
  return output?.kind === "json" ? output.schema : output;
};

describe("numbers of a range and texts of a pattern", () => {
  test.each([
    ["integer", { type: "integer" }],
    ["integer 1..5", { type: "integer", minimum: 1, maximum: 5 }],
    ["number -0.5..1", { type: "number", minimum: -0.5, maximum: 1 }],
    ["number 0..", { type: "number", minimum: 0 }],
    ["integer ..-1", { type: "integer", maximum: -1 }],
    ["number", { kind: "number" }],
    ["integer 1..5 | null", { anyOf: [{ type: "integer", minimum: 1, maximum: 5 }, { type: "null" }] }],
    ["(integer 0..9)[]", { type: "array", items: { type: "integer", minimum: 0, maximum: 9 } }],
    ["integer 2..4 | number 0..9", { type: "number", minimum: 0, maximum: 9 }],
    ["{ stars: integer 1..5 }", { properties: { stars: { type: "integer", minimum: 1, maximum: 5 } } }],
  ])("%s", (returns, schema) => {
    expect(schemaOf(returns)).toMatchObject(schema);
  });

  test.each([
    ["string /[A-Z]{2}-\\d{4}/", { kind: "string", pattern: "^(?:[A-Z]{2}-\\d{4})$" }],
    ["string /a b|c/ | null", { anyOf: [{ type: "string", pattern: "^(?:a b|c)$" }, { type: "null" }] }],
    ["string /[/x]+/", { kind: "string", pattern: "^(?:[/x]+)$" }],
    ["{ code: 'string /[A-Z]+/' }", { properties: { code: { type: "string", pattern: "^(?:[A-Z]+)$" } } }],
    ["'string /a+/ | \"aa\"'", { kind: "string", pattern: "^(?:a+)$" }],
  ])("texts of a pattern: %s", (returns, schema) => {
    expect(schemaOf(returns)).toMatchObject(schema);
  });

  test("are numbers in TypeScript", () => {
    const { spec } = read("returns: { stars: integer 1..5, share?: number 0..1 | null }");
    expect(spec && specTypes(spec).code).toContain("{ stars: number; share?: number | null }");
  });

  test("are no input by themselves", () => {
    expect(read("returns: string\ninput: string /a+/").diagnostics[0]?.message).toBe(
      "A function takes one text or one object.",
    );
    expect(read("returns: string\ninput: { code: string /a+/, stars: integer 1..5 }").spec).toBeDefined();
  });

  test.each([
    ["integer 5..1", "the smaller number comes first"],
    ["integer 0.5..3", "write whole numbers"],
    ["string 1..5", "goes with number or integer, not with string"],
    ["1..5", "as in integer 1..5"],
    ["number ..", "on one side"],
    ["integr 1..5", 'no type "integr"'],
    ["int", 'no type "int"'],
    ["number /a/", "a pattern goes with string, not with number"],
    ["/a/", "as in string /a/"],
    ["string /(?=a)/", "of groups there are ( ) and (?: ) only"],
  ])("%s is refused", (returns, message) => {
    const { spec, diagnostics } = read(`returns: ${returns}`);
    expect(spec).toBeUndefined();
    expect(diagnostics[0]?.message).toContain(message);
  });

  test.each([
    ["integer 1..5", "- a => 6", "must be a whole number from 1 to 5 (was 6)"],
    ["integer 1..5", "- a => 2.5", "must be a whole number from 1 to 5 (was 2.5)"],
    ["integer 1..5", "- a => many", "must be a whole number from 1 to 5 (was a string)"],
    ["string /[A-Z]{2}/", "- a => abc", 'must be a string that matches ^(?:[A-Z]{2})$ (was "abc")'],
    ["{ share: number 0.. }", "- a => { share: -1 }", "share must be a number of at least 0 (was -1)"],
  ])("examples of %s are checked: %s", (returns, example, message) => {
    const { diagnostics } = read(`returns: ${returns}`, example);
    expect(diagnostics.map((one) => one.message).join("\n")).toContain(message);
    expect(
      read("returns: integer 1..5", "- a => 3").diagnostics.filter(({ severity }) => severity === "error"),
    ).toEqual([]);
  });
});

describe("abstain by precision", () => {
  test("is read, and told in the types", () => {
    const { spec } = read("returns: [a, b]\nabstain: { precision: 0.95 }");
    expect(spec?.contract.abstain).toEqual({ precision: 0.95 });
    const code = spec ? specTypes(spec).code : "";
    expect(code).toContain('PawClassifier<string, "a" | "b", true>');
    expect(code).toContain("`null` where it is not sure enough for 95 % of the answers to be right");
  });

  test.each([
    ["{ precision: 95 }", "`precision` must be a number from 0 to 1", "Write precision: 0.95."],
    ["{ recall: 0.9 }", '`abstain` has no key "recall"', "precision"],
    ["{}", "`abstain` says nothing", "precision: 0.95"],
    ["[0.9]", "`abstain` must be a number from 0 to 1", ""],
  ])("%s is refused", (abstain, message, hint) => {
    const { spec, diagnostics } = read(`returns: [a, b]\nabstain: ${abstain}`);
    expect(spec).toBeUndefined();
    expect(diagnostics[0]?.message).toContain(message);
    expect(diagnostics[0]?.hint).toContain(hint);
  });
});
