import { parseOutput, renderOutput } from "@unplugin-paw/program";
import { describe, expect, test } from "vitest";
import { type ParseResult, parseSpec, type Spec, specTypes } from "./index.ts";

function read(front: string, list = ""): ParseResult {
  return parseSpec(`---\n${front}\n---\nGo.\n${list && `\n## Examples\n\n${list}\n`}`, "x.paw");
}

const typeOf = (result: ParseResult) => /Paw\w+<(.*)>;/.exec(specTypes(result.spec as Spec).code)?.[1];
const warnings = ({ diagnostics }: ParseResult) =>
  diagnostics.filter(({ code }) => code !== "no-pairs").map(({ severity, code }) => `${severity} ${code}`);

/** The outputs of the examples, after they went through the text that the model writes. */
function answers({ spec, diagnostics }: ParseResult): unknown[] {
  expect(diagnostics).toEqual([]);
  const { contract, examples } = spec as Spec;
  return examples.map(({ output }) => parseOutput(contract, renderOutput(contract, output)));
}

describe("types", () => {
  test("numbers are labels inside objects, too", () => {
    const front = "returns:\n  stars: [1, 2, 3]\n  sure: [true, 1.0]\n  tags: [[1, 2]]";
    const list =
      "- a => { stars: 1, sure: 1.0, tags: [2] }\n- input: b\n  output:\n    stars: 2\n    sure: true\n    tags: []";
    const result = read(front, list);
    expect(answers(result)).toEqual([
      { stars: "1", sure: "1.0", tags: ["2"] },
      { stars: "2", sure: "true", tags: [] },
    ]);
    expect(typeOf(result)).toBe('string, { stars: "1" | "2" | "3"; sure: "true" | "1.0"; tags: ("1" | "2")[] }');
    const { spec } = parseSpec(`---\n${front}\n---\nGo.\n\n## Examples\n- from: a.jsonl\n`, "x.paw", {
      readFile: () => Buffer.from('{"input": "c", "output": {"stars": 3, "sure": true, "tags": [1]}}'),
    });
    expect(spec?.examples[0]?.output).toEqual({ stars: "3", sure: "true", tags: ["1"] });
    expect(read(front, "- a => { stars: 4, sure: true, tags: [] }").diagnostics[0]?.message).toContain("stars must be");
  });

  test("a text, number or date may be null", () => {
    const list = '- a => null\n- b => "null"\n- c => Ann\n- input: d\n  output: Bob';
    const text = read("returns: string | null", list);
    expect(answers(text)).toEqual([null, "null", "Ann", "Bob"]);
    expect(typeOf(text)).toBe("string, string | null");
    const field = read("returns:\n  name: string | null\n  due: date | null", "- a => { name: null, due: 2026-11-24 }");
    expect(answers(field)).toEqual([{ name: null, due: "2026-11-24" }]);
    expect(typeOf(field)).toBe("string, { name: string | null; due: string | null }");
    expect(typeOf(read("returns: (number | null)[]"))).toBe("string, (number | null)[]");
    const kind = read(`returns:\n  kind: "'a' | 'b' | null"`, "- a => { kind: null }\n- b => { kind: a }");
    expect(answers(kind)).toEqual([{ kind: null }, { kind: "a" }]);
  });

  test.each([
    ["\"'a' | 'b' | null\"", "abstain"],
    ["null", "string | null"],
    ["string?", "string | null"],
    ["string | undefined", "`null`"],
    ["string | nul", '"null"'],
    ["[string]", "string[]"],
    ["\n  - positive: good things", "at least two"],
  ])("returns: %s leads on", (returns, wanted) => {
    const { spec, diagnostics } = read(`returns: ${returns}`);
    expect(spec).toBeUndefined();
    expect(`${diagnostics[0]?.message} ${diagnostics[0]?.hint}`).toContain(wanted);
  });

  test("a list of objects", () => {
    const list =
      "- two pens => { items: [{ name: pen, qty: 2 }] }\n- nothing => { items: [] }\n- input: a cup\n  output:\n    items:\n      - name: cup\n        qty: 1\n        size: big";
    const result = read("returns:\n  items: [{ name: string, qty: number, size?: [big, small] }]", list);
    expect(answers(result)).toEqual([
      { items: [{ name: "pen", qty: 2 }] },
      { items: [] },
      { items: [{ name: "cup", qty: 1, size: "big" }] },
    ]);
    expect(typeOf(result)).toBe('string, { items: { name: string; qty: number; size?: "big" | "small" }[] }');
    const whole = read("returns:\n  - name: string\n    qty: number", "- a => [{ name: pen, qty: 2 }]");
    expect(answers(whole)).toEqual([[{ name: "pen", qty: 2 }]]);
    const schema = { type: "array", items: { type: "object", required: ["name", "qty"] } };
    expect(whole.spec?.contract.output).toMatchObject({ kind: "json", schema });
    const wrong = read(
      "returns:\n  items: [{ name: string, qty: number }]",
      "- a => { items: [{ name: pen, qyt: 2 }] }",
    );
    expect(wrong.diagnostics[0]).toMatchObject({ code: "output", location: { line: 9, column: 31 } });
    const input = read("returns: boolean\ninput:\n  lines: [{ name: string }]", "- { lines: [{ name: a }] } => true");
    expect(input.spec?.examples[0]?.input).toEqual({ lines: [{ name: "a" }] });
  });

  test("labels may be described", () => {
    const result = read('returns:\n  - billing: cards and refunds\n  - "level #1": "first: easy"\n  - other');
    expect(result.spec?.contract.output).toEqual({ kind: "labels", labels: ["billing", "level #1", "other"] });
    expect(result.spec?.descriptions).toEqual([
      { label: "billing", text: "cards and refunds" },
      { label: "level #1", text: "first: easy" },
    ]);
    expect(specTypes(result.spec as Spec).code).toContain(" * - `billing`: cards and refunds\n");
    expect(read("returns: [a: one, b: two]").spec?.descriptions).toHaveLength(2);
    const nested = read("returns:\n  order:\n    state:\n      - open: not paid yet\n      - paid");
    expect(nested.spec?.descriptions).toEqual([{ label: "open", text: "not paid yet", field: "order.state" }]);
    for (const list of ["\n  - a:\n  - b: x", "\n  - a: { b: c }\n  - d", `\n  - a: ${"x".repeat(501)}\n  - b`]) {
      expect(read(`returns:${list}`).diagnostics[0], list).toMatchObject({ code: "label", hint: expect.any(String) });
    }
  });
});

describe("warnings", () => {
  test.each([
    ["[Good, good]", "similar-labels"],
    ["[caf\u00e9, cafe\u0301]", "similar-labels"],
    ["[go od, go\u00a0od]", "similar-labels"],
    ["[good, go\u200bod, bad]", "invisible"],
    ["[\ufb01ne, fine]", "similar-labels"],
    ["[cafe\u0301, bad]", "invisible"],
  ])("of the labels %s", (labels, code) => {
    expect(warnings(read(`returns: ${labels}`))).toEqual([`warning ${code}`]);
  });

  test("name what nobody sees", () => {
    const { diagnostics } = read("returns: [good, b\u00a0d]", "- a => bad\n- b => good");
    expect(diagnostics.map(({ message }) => message).join("\n")).toContain('"b<U+00A0 NO-BREAK SPACE>d"');
    const wrong = read("returns: [good, bad]", "- a => good\u200b").diagnostics[0];
    expect(wrong?.message).toBe('"good<U+200B ZERO WIDTH SPACE>" is not one of the labels.');
    expect(wrong?.hint).toContain('"good"');
  });

  test("of labels without an example", () => {
    const list = "- x => a\n- y => a";
    expect(warnings(read("returns: [a, b]", list))).toEqual(["warning unseen-label"]);
    const many = read("returns: [a, b, c, d, e, f, g]", list);
    expect(many.diagnostics).toMatchObject([{ location: { line: 2, column: 14 } }]);
    expect(many.diagnostics[0]?.message).toBe('6 labels have no example: "b", "c", "d", "e", "f", ....');
  });

  test("of a test that is nearly an example", () => {
    for (const input of ["MY card", "My  card ", "My\u00a0card", "my card"]) {
      const { diagnostics } = read("returns: boolean", `- My card => true\n\n## Tests\n- ${input} => true`);
      expect(diagnostics, input).toMatchObject([
        { severity: "warning", code: "test-is-example", location: { line: 11 } },
      ]);
    }
  });
});
