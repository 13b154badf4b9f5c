import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParseResult, parseSpec } from "./index.ts";

/** Everything that YAML takes for something else than text. */
const TEXTS = [
  "Where is order #4521?",
  "a # b",
  "# heading",
  "#tag",
  "*bold* text",
  "* item",
  "&anchor text",
  "!important",
  "!!str text",
  "%PATH% is empty",
  "@bob hi",
  "`code` here",
  "? what",
  "- dash",
  "-",
  "a: b",
  "trailing:",
  ": leading",
  "[urgent] please call",
  "{name} is missing",
  "a, b",
  "1, [2",
  "it's",
  "~",
  "null",
  "0x1F",
  "1.0",
  "yes",
  "<<",
  "=",
  "--- a",
  "...",
  "a\tb",
  "C:\\temp",
];

function item(list: string, header: string): ParseResult {
  return parseSpec(`---\n${header}\n---\nGo.\n\n## Examples\n\n${list}\n`, "x.paw");
}

/** Nothing is lost in silence: what was written, or an error with something to do. */
function expectFieldOrError({ spec, diagnostics }: ParseResult, input: unknown, text: string): void {
  if (spec) expect(input, text).toEqual({ title: text });
  else expect(diagnostics[0]?.hint, text).toMatch(/quotes|\|/);
}

describe("a plain text is the text to the end of its line", () => {
  test.each(TEXTS)("%s", (text) => {
    const long = item(`- input: ${text}\n  output: ${text}\n- output: b\n  input: b`, "returns: string");
    expect(long.diagnostics).toEqual([]);
    expect(long.spec?.examples[0]).toMatchObject({ input: text, output: text });
    const short = item(`- ${text} ! => ${text}`, "returns: string");
    expect(short.diagnostics).toEqual([]);
    expect(short.spec?.examples[0]).toMatchObject({ input: `${text} !`, output: text });
  });

  test.each(TEXTS)("or an error, in a field: %s", (text) => {
    const header = "returns: boolean\ninput:\n  title: string";
    const block = item(`- input:\n    title: ${text}\n  output: true`, header);
    expectFieldOrError(block, block.spec?.examples[0]?.input, text);
    const flow = item(`- { title: ${text} } => true`, header);
    if (flow.spec) expect(flow.spec.examples[0]?.input).toEqual({ title: text });
    const whole = item(`- { input: { title: ${text} }, output: true }`, header);
    if (whole.spec) expect(whole.spec.examples[0]?.input).toEqual({ title: text });
  });

  test.each(TEXTS)("or an error, as a label: %s", (text) => {
    const lists = [`\n  - ${text}\n  - other`, `\n  - other\n  - ${text}`];
    if (!text.includes(", ")) lists.push(`[${text}, other]`, `[\n  ${text},\n  other\n]`);
    for (const list of lists) {
      const { spec } = parseSpec(`---\nreturns: ${list}\n---\nGo.`, "x.paw");
      const labels = (spec?.contract.output as { labels?: string[] } | undefined)?.labels;
      // (`a: b` is the label a with a description.)
      const [described] = spec?.descriptions ?? [];
      const found = labels?.map((label) => (described?.label === label ? `${label}: ${described.text}` : label));
      if (found) expect([text, "other"].sort(), list).toEqual(found.sort());
    }
  });

  test("also in the name of a data file", () => {
    const asked: string[] = [];
    const text = "---\nreturns: boolean\n---\nGo.\n\n## Examples\n\n- from: ./a b #c.csv\n";
    const readFile = (path: string) => {
      asked.push(path.split("/").at(-1) as string);
      return Buffer.from("input,output\na,true\n");
    };
    expect(parseSpec(text, "x.paw", { readFile }).diagnostics).toEqual([]);
    expect(asked).toEqual(["a b #c.csv"]);
  });

  test("whatever it is (2,000 texts)", () => {
    const character = fc.oneof(
      fc.constantFrom(..."#&*!|>%@`?-:[]{},'\"\\ =~<.0ax\té"),
      fc.string({ unit: "grapheme" }),
    );
    const text = fc
      .array(character, { minLength: 1, maxLength: 12 })
      .map((all) =>
        all
          .join("")
          .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "")
          .trim(),
      )
      .filter((one) => one !== "" && !/^["'|>]/.test(one));
    fc.assert(
      fc.property(text, (one) => {
        const long = item(`- input: ${one}\n  output: ${one}`, "returns: string");
        expect(long.spec?.examples[0], one).toMatchObject({ input: one, output: one });
        const header = "returns: boolean\ninput:\n  title: string";
        const field = item(`- input:\n    title: ${one}\n  output: true`, header);
        if (field.spec) expect(field.spec.examples[0]?.input).toEqual({ title: one });
        const label = parseSpec(`---\nreturns:\n  - ${one}\n  - other one\n---\nGo.`, "x.paw");
        const output = label.spec?.contract.output as { labels?: string[]; kind: string } | undefined;
        if (output) {
          // `a: b` is the label a with a description
          const described = label.spec?.descriptions?.map(({ label, text }) => `${label}: ${text}`) ?? [];
          expect([...(output.labels ?? []), ...described]).toContain(one);
        }
      }),
      { numRuns: 2000, seed: 20261128 },
    );
  });
});

describe("what cannot be told is an error that says what to do", () => {
  test.each([
    ['- input: "quoted" # not a comment\n  output: b', "yaml-comment"],
    ["- input: 'a' and 'b'\n  output: b", "yaml"],
    ["- input: | # not a comment\n    text\n  output: b", "yaml-comment"],
    ["- input: | text\n  output: b", "yaml"],
    ["- input: first\n    second\n  output: b", "item-lines"],
    ["- input:\n    # heading\n    text\n  output: b", "yaml-comment"],
    ["- input: a\n output: b", "stray-text"],
    ["-   input: a\n  output: b", "item-lines"],
    ["- input: a\n  output: b\n  and more", "item-lines"],
    ["- input: a\n  output: b\n  input: c", "duplicate-key"],
    ["- { input: a #1, output: b }", "yaml-comment"],
    ["- { input: &a a, output: b }", "yaml-tag"],
    ["- { input: !!binary aGk=, output: b }", "yaml-tag"],
  ])("%s", (list, code) => {
    const { spec, diagnostics } = item(list, "returns: string");
    expect(spec).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({ code, hint: expect.any(String) });
  });

  test("in values that are no texts", () => {
    for (const [list, header] of [
      ["- a => [1, 2] # c", "returns: number[]"],
      ["- a => { n: 1, n: 2 }", "returns:\n  n: number"],
      ["- input: a\n  output: 5 # five", "returns: number"],
      ["- a => 12345678901234567890", "returns: number"],
      ["- a => &x true", "returns: boolean[]"],
    ] as const) {
      const { spec, diagnostics } = item(list, header);
      expect(spec, list).toBeUndefined();
      expect(diagnostics[0]?.hint, list).toBeTruthy();
    }
  });

  test("a comment behind a label is one, or is not: the author says which", () => {
    const labels = (list: string) => parseSpec(`---\nreturns:${list}\n---\nGo.`, "x.paw");
    for (const list of [
      "\n  - good # happy\n  - bad",
      " [\n  good,\n  bad # sad\n]",
      "\n  - good: fine # yes\n  - bad",
    ]) {
      expect(labels(list).diagnostics, list).toMatchObject([{ code: "yaml-comment", severity: "error" }]);
    }
    for (const list of [
      " [good, bad] # both",
      "\n  # happy\n  - good\n  - bad",
      " [\n  good, # happy\n  bad, # sad\n]",
    ]) {
      const { spec } = labels(list);
      expect(spec?.contract.output, list).toEqual({ kind: "labels", labels: ["good", "bad"] });
    }
  });
});

test("quotes and blocks are YAML's as before", () => {
  const list = `- input: "a # b\\n"\n  output: 'it''s'\n- input: |2\n      indented\n    # text\n  output: >-\n    one\n    line\n- { input: "{", output: '#' }`;
  const { spec, diagnostics } = item(list, "returns: string");
  expect(diagnostics).toEqual([]);
  expect(spec?.examples.map(({ input, output }) => [input, output])).toEqual([
    ["a # b\n", "it's"],
    ["  indented\n# text", "one line"],
    ["{", "#"],
  ]);
});
