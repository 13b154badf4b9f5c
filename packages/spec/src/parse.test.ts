import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { formatDiagnostic, type ParseResult, parseSpec, readSpec, type Spec } from "./index.ts";

const folder = fileURLToPath(new URL("../../../fixtures/specs/", import.meta.url));

function parse(text: string, id = "x.paw"): ParseResult {
  return parseSpec(text, id);
}

/** Parses a spec with a given front matter and list under `## Examples`. */
function pairs(header: string, list: string): [unknown, unknown][] {
  const { spec, diagnostics } = parse(`---\n${header}\n---\nGo.\n\n## Examples\n\n${list}\n`);
  expect(diagnostics.filter(({ code }) => code !== "unseen-label").map(formatDiagnostic)).toEqual([]);
  return (spec as Spec).examples.map(({ input, output }) => [input, output]);
}

const both = ({ examples, tests }: Spec) =>
  [examples, tests].map((list) => list.map(({ input, output }) => [input, output]));

describe("types", () => {
  const output = (returns: string) => parse(`---\nreturns: ${returns}\n---\nGo.`).spec?.contract.output;

  test("labels keep the text that they are written with", () => {
    expect(output("[yes, no, 1, 1.0, true, null, ~, 0x1F]")).toEqual({
      kind: "labels",
      labels: ["yes", "no", "1", "1.0", "true", "null", "~", "0x1F"],
    });
    expect(
      pairs("returns: [1, 1.0, true]", "- a => 1.0\n- input: b\n  output: 1.0\n- input: c\n  output: true"),
    ).toEqual([
      ["a", "1.0"],
      ["b", "1.0"],
      ["c", "true"],
    ]);
  });

  test("a union of quoted labels is a list of labels, in the order written", () => {
    for (const union of [`'"z" | "a"'`, `"('z'|'a')"`, `"'z' | ('a')"`]) {
      expect(output(union), union).toEqual({ kind: "labels", labels: ["z", "a"] });
    }
  });

  test("expressions", () => {
    const schema = (returns: string) => {
      const { $schema: _, ...rest } = (output(returns) as { schema: Record<string, unknown> }).schema;
      return rest;
    };
    expect(output("(string)")).toEqual({ kind: "string" });
    expect(schema("number[][]")).toEqual({ type: "array", items: { type: "array", items: { type: "number" } } });
    expect(schema("(string | number)[]")).toMatchObject({ type: "array", items: { anyOf: expect.any(Array) } });
    expect(schema("date[]")).toEqual({ type: "array", items: { type: "string", format: "date" } });
    expect(schema(`"('x' | 'y')[]"`)).toEqual({ type: "array", items: { enum: ["x", "y"] } });
  });

  test("only our words are types", () => {
    for (const word of [
      "unknown",
      "any",
      "object",
      "Function",
      "string.url",
      "number > 5",
      "/a+/",
      "constructor",
      "toString",
      "this",
    ]) {
      const { spec, diagnostics } = parse(`---\nreturns: ${word}\n---\nGo.`);
      expect(spec, word).toBeUndefined();
      expect(diagnostics[0]?.code, word).toMatch(/type$/);
    }
    for (const field of ["'...'", "'+'", "'[string]'", "constructor", "'a b'", "''"]) {
      expect(parse(`---\nreturns:\n  ${field}: string\n---\nGo.`).diagnostics[0]?.code, field).toMatch(
        /field-name|key/,
      );
    }
  });

  test("values of nested types are checked where they stand", () => {
    const at = (list: string, header: string) => {
      const { location, message } = parse(`---\n${header}\n---\nGo.\n\n## Tests\n\n${list}\n`)
        .diagnostics[0] as never as {
        location: { line: number; column: number };
        message: string;
      };
      return `${location.line - 6 - header.split("\n").length}:${location.column} ${message}`;
    };
    expect(at("- a => { when: 2026-02-30 }", "returns:\n  when: date")).toBe(
      '1:16 The output does not fit its type: when must be a date such as 2026-11-24 (was "2026-02-30").',
    );
    expect(at("- input: a\n  output: [.inf]", "returns: number[]")).toMatch(/^2:12 .* must be a finite number/);
    expect(at("- a => 1e999", "returns: number")).toBe("1:8 Infinity is not a number.");
  });
});

describe("list items", () => {
  test("a line is split at its last arrow; quotes and \\=> keep what would be read otherwise", () => {
    const list = [
      "- a => b => c",
      "- d \\=> e => f",
      '- "g => h" => "i \\=> j"',
      '- "" => ""',
      '- "He" and "she" => they',
      '- "from: Ann" => spam',
      "- note: this => kept",
      "* star =>   trimmed  ",
      "+ plus\t=>\ttab",
      "- a=>b => c",
    ];
    expect(pairs("returns: string", list.join("\n"))).toEqual([
      ["a => b", "c"],
      ["d => e", "f"],
      ["g => h", "i => j"],
      ["", ""],
      ['"He" and "she"', "they"],
      ["from: Ann", "spam"],
      ["note: this", "kept"],
      ["star", "trimmed"],
      ["plus", "tab"],
      ["a=>b", "c"],
    ]);
  });

  test("maps hold texts of several lines, and anything that looks like something else", () => {
    const list = [
      "- input: |",
      "    # not a heading",
      "    ## Tests",
      "",
      "    - not an item => really",
      "  output: >",
      "    folded",
      "    text",
      '- { input: 42, output: "null" }',
      "- output: 2026-11-24",
      "  input: 'a => b'",
    ];
    expect(pairs("returns: string", list.join("\n"))).toEqual([
      ["# not a heading\n## Tests\n\n- not an item => really", "folded text"],
      ["42", "null"],
      ["a => b", "2026-11-24"],
    ]);
  });

  test("one input with the same output twice is fine; in both sections it is not, whatever its form", () => {
    expect(pairs("returns: boolean", "- a => true\n- a => true")).toHaveLength(2);
    const header = "---\nreturns: boolean\ninput:\n  a: number\n  b: number\n---\nGo.\n\n";
    const text = `${header}## Examples\n\n- {a: 1, b: 2} => true\n\n## Tests\n\n- {b: 2, a: 1.0} => true\n`;
    expect(parse(text).diagnostics).toMatchObject([{ code: "test-is-example", location: { line: 15, column: 1 } }]);
    expect(parse(text).diagnostics[0]?.message).toBe("This test is also an example, at x.paw:11:1.");
  });

  test("sections may come in any order, more than once and in any case", () => {
    const text =
      "---\nreturns: boolean\n---\nGo.\n## tests\n- a => true\n## EXAMPLES ##\n- b => true\n## Tests\n- c => false\n";
    expect(both(parse(text).spec as Spec)).toEqual([
      [["b", true]],
      [
        ["a", true],
        ["c", false],
      ],
    ]);
  });
});

describe("instructions", () => {
  test("keep their own headings", () => {
    const instructions = "# Judge\n\n## Text\n\n- a => b\n\n### About tests and examples\n\n```\n## Tests\n```";
    const { spec, diagnostics } = parse(`---\nreturns: boolean\n---\n\n${instructions}\n\n## Tests\n- a => true\n`);
    expect(diagnostics).toMatchObject([
      { severity: "warning", code: "stray-example", location: { line: 9, column: 1 } },
    ]);
    expect(spec?.instructions).toBe(instructions);
  });

  test("cannot have a section's name at another level", () => {
    const { spec, diagnostics } = parse("---\nreturns: boolean\n---\nGo.\n\n### Tests\n\n## Tests\n- a => true\n");
    expect(spec).toBeUndefined();
    expect(diagnostics).toMatchObject([{ severity: "error", code: "heading", location: { line: 6, column: 1 } }]);
  });
});

test("what cannot be measured is a warning; a gate that could not fail is an error", () => {
  expect(parse("---\nreturns: boolean\n---\nGo.").diagnostics).toMatchObject([
    { severity: "warning", code: "no-pairs" },
  ]);
  const text = "---\nreturns: boolean\naccuracy: 0.9\n---\nGo.\n## Examples\n- a => true\n";
  expect(parse(text).diagnostics).toMatchObject([
    { severity: "error", code: "no-tests", location: { line: 3, column: 11 } },
  ]);
});

describe("line breaks, byte order mark, digest", () => {
  const crlf = (text: string): string => text.replace(/\r?\n/g, "\r\n");

  test("a file means the same with CRLF and a byte order mark, and its positions are the same", () => {
    for (const file of [...readdirSync(folder), ...readdirSync(join(folder, "bad")).map((name) => `bad/${name}`)]) {
      if (!file.endsWith(".paw")) continue;
      const path = join(folder, file);
      const plain = readSpec(path);
      const text = readFileSync(path, "utf8");
      if (text.trim() === "") continue;
      const changed = parseSpec(Buffer.from(`\uFEFF${crlf(text)}`), path, {
        readFile: (data) => Buffer.from(`\uFEFF${crlf(readFileSync(data, "utf8"))}`),
      });
      expect({ ...changed, diagnostics: changed.diagnostics.map(formatDiagnostic) }, file).toEqual({
        ...plain,
        diagnostics: plain.diagnostics.map(formatDiagnostic),
      });
    }
  });

  test("the digest depends on the texts, not on the paths", () => {
    const text = "---\nreturns: boolean\n---\nGo.\n## Tests\n- from: a.jsonl\n";
    const digest = (spec: string, id: string, data: string) =>
      parseSpec(spec, id, { readFile: () => Buffer.from(data) }).spec?.digest;
    const first = digest(text, "a/x.paw", '{"input": "a", "output": true}');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(digest(text, "b/y.paw", '{"input": "a", "output": true}')).toBe(first);
    expect(digest(text, "a/x.paw", '{"input": "a", "output": false}')).not.toBe(first);
    expect(digest(text.replace("Go.", "Go!"), "a/x.paw", '{"input": "a", "output": true}')).not.toBe(first);
  });
});

test.each([
  ["reviews/movie-sentiment.paw", "movieSentiment"],
  ["intent_router.paw", "intentRouter"],
  ["Is Urgent.paw", "isUrgent"],
  ["URL.paw", "url"],
  ["3d-model.paw", "_3dModel"],
  ["class.paw", "_class"],
  ["meta.paw", "_meta"],
  ["größe.paw", "größe"],
  ["!?.paw", "program"],
  ["C:\\specs\\tone.of.voice.paw", "toneOfVoice"],
])("%s names %s", (file, name) => {
  expect(parse("---\nreturns: boolean\n---\nGo.", file).spec?.name).toBe(name);
});
