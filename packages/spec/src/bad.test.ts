import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { formatDiagnostic, parseSpec, readSpec } from "./index.ts";

const folder = fileURLToPath(new URL("../../../fixtures/specs/bad/", import.meta.url));

/** File, code, place (of the data file where one is named), message: every diagnostic of every bad spec, in order. */
const table: [file: string, code: string, place: string, message: string][] = [
  ["abstain-on-string.paw", "abstain", "3:1", "`abstain` does not go with this return type."],
  [
    "inputs-kind.paw",
    "wrong-type",
    "3:9",
    '`inputs` must be a file of inputs without answers, found the text "mails.csv".',
  ],
  ["accuracy-percent.paw", "wrong-type", "3:11", '`accuracy` must be a number from 0 to 1, found the text "85%".'],
  ["accuracy-range.paw", "wrong-type", "3:11", "`accuracy` must be a number from 0 to 1, found the number 1.5."],
  ["arrow-lines.paw", "no-arrow", "8:3", "This list item has no ` => `."],
  ["arrow-lines.paw", "item-lines", "11:3", "A pair with => is one line."],
  ["arrow-without-spaces.paw", "no-arrow", "8:3", "This list item has no ` => `."],
  ["blank.paw", "empty", "1:1", "This spec is empty."],
  [
    "conflict.paw",
    "conflict",
    "9:1",
    "This input is given twice, with the output true at conflict.paw:8:1 and false here.",
  ],
  ["csv-cells.paw", "data-csv", "cells.csv:5:1", "This row has 3 cells; the header has 2."],
  ["csv-columns.paw", "data-columns", "columns.csv:1:1", 'This CSV file has no column "input".'],
  ["csv-output.paw", "output", "output.csv:2:21", '"yes" is not a boolean.'],
  ["csv-quotes.paw", "data-csv", "quotes.csv:3:1", "Wrong CSV: Quoted field unterminated."],
  ["data-empty.paw", "data-empty", "empty.jsonl:1:1", "This data file is empty."],
  ["duplicate-key.paw", "duplicate-key", "3:1", 'The key "returns" is given twice.'],
  ["empty-item.paw", "empty-item", "8:1", "This list item is empty."],
  ["empty-output.paw", "empty-side", "9:3", "There is nothing behind `output:`."],
  ["empty-side.paw", "empty-side", "8:16", "There is nothing after =>."],
  ["empty.paw", "empty", "1:1", "This spec is empty."],
  ["fence-open.paw", "fence-open", "6:1", "The code block that begins here is never closed."],
  ["field-name.paw", "field-name", "3:3", '"__proto__" cannot be the name of a field.'],
  ["field-twice.paw", "duplicate-key", "4:3", 'The field "year" is given twice.'],
  ["from-and-input.paw", "from", "8:3", "`from:` stands alone: the file has the inputs and outputs."],
  ["from-folder.paw", "from", "8:9", 'The data file "./data/folder.csv" cannot be read: it is a folder.'],
  ["from-kind.paw", "from", "8:9", 'Files of the kind ".jsonn" cannot be read.'],
  ["from-missing.paw", "from", "8:9", 'The data file "./data/nowhere.csv" cannot be read: there is no such file.'],
  ["from-nothing.paw", "from", "8:9", "`from:` needs the path of a file, found a list."],
  ["from-pair.paw", "from", "8:9", "`from:` needs the path of a file, found a pair."],
  ["from-twice.paw", "from", "12:9", "This file is already read under `## Examples`."],
  ["front-matter-list.paw", "front-matter", "2:1", "The front matter must be a map of keys, found a list."],
  ["front-matter-only.paw", "no-instructions", "3:1", "This spec has no instructions."],
  ["front-matter-open.paw", "front-matter-open", "1:1", "The front matter that begins here is never closed."],
  ["heading-singular.paw", "heading", "6:1", 'The heading "## Test" is nearly the name of a section.'],
  ["heading-typo.paw", "heading", "6:1", 'The heading "## Exmples" is nearly the name of a section.'],
  ["input-number.paw", "wrong-type", "3:8", "A function takes one text or one object."],
  [
    "interpreter-number.paw",
    "wrong-type",
    "3:14",
    "`interpreter` must be the id of an interpreter, found the number 135.",
  ],
  ["item-key.paw", "unknown-key", "9:3", 'A list item has no key "outptu".'],
  ["item-yaml.paw", "yaml", "8:14", 'Wrong YAML: Missing closing "quote.'],
  ["json-object.paw", "data", "object.json:1:1", "A .json data file must be an array of pairs."],
  ["json-output.paw", "output", "output.json:3:3", '"no" is not a boolean.'],
  ["jsonl-broken.paw", "data-json", "broken.jsonl:2:19", 'Wrong JSON: expected a comma, found "\\"".'],
  [
    "jsonl-pair.paw",
    "data",
    "pair.jsonl:1:1",
    'Expected an object with the keys input and output, found {"input":"now"}.',
  ],
  [
    "jsonl-pair.paw",
    "data",
    "pair.jsonl:2:1",
    'Expected an object with the keys input and output, found ["later",false].',
  ],
  ["jsonl-pair.paw", "input", "pair.jsonl:3:1", "The input must be a text, found 5."],
  ["jsonl-pair.paw", "output", "pair.jsonl:3:1", "1 is not a boolean."],
  ["label-blank.paw", "label", "2:17", "A label is empty."],
  ["label-list.paw", "label", "2:17", "A label must be a text, found a list."],
  ["label-space.paw", "label", "2:17", 'The label " bad" has white space at an end.'],
  ["label-twice.paw", "duplicate-label", "2:22", 'The label "good" is given twice.'],
  ["labels-without-list.paw", "unknown-type", "2:10", 'There is no type "good".'],
  ["no-arrow.paw", "no-arrow", "8:3", "This list item has no ` => `."],
  ["no-fields.paw", "type", "2:10", "An object needs at least one field."],
  [
    "no-front-matter.paw",
    "no-front-matter",
    "1:1",
    "The first line must be `---`: a spec begins with its front matter.",
  ],
  ["no-output.paw", "missing-key", "8:1", "This list item has no `output:`."],
  ["no-returns.paw", "no-returns", "1:1", "The front matter lacks the key `returns`."],
  ["no-type.paw", "type", "2:1", "Expected a type, found nothing."],
  [
    "not-array.paw",
    "output",
    "9:15",
    "The output does not fit its type: value at [1] must be a string (was a number).",
  ],
  ["not-boolean.paw", "output", "8:10", '"yes" is not a boolean.'],
  ["not-date.paw", "output", "8:15", '"2026-02-30" is not a date.'],
  ["not-input.paw", "input", "11:5", 'The input has an unknown field "titel".'],
  ["not-input.paw", "input", "13:3", "The input does not fit its type: must be an object (was a string)."],
  ["not-json.paw", "output", "8:16", "The output cannot be read. Wrong YAML: Flow sequence must end with a ]."],
  ["not-number.paw", "output", "8:11", '"two" is not a number.'],
  ["not-object.paw", "output", "10:33", "The output does not fit its type: tags[1] must be a string (was a number)."],
  ["not-object.paw", "output", "11:11", 'The output has an unknown field "nmae".'],
  ["one-label-union.paw", "labels", "2:10", "A choice needs at least two labels, found 1."],
  ["one-label.paw", "labels", "2:10", "A choice needs at least two labels, found 1."],
  ["outside-labels.paw", "output", "8:11", '"positve" is not one of the labels.'],
  ["stray-text.paw", "stray-text", "10:1", "Only list items stand under `## Examples`."],
  ["test-is-example.paw", "test-is-example", "13:1", "This test is also an example, at test-is-example.paw:8:1."],
  ["type-number.paw", "type", "2:10", "Expected a type, found the number 5."],
  ["type-synonym.paw", "unknown-type", "3:7", 'There is no type "bool".'],
  ["type-syntax.paw", "type", "2:17", '">" is not part of a type.'],
  ["type-unfinished.paw", "type", "2:10", "This is not a type: Token '|' requires a right operand."],
  ["unknown-key.paw", "unknown-key", "3:1", 'There is no key "accurracy".'],
  ["unknown-type.paw", "unknown-type", "2:10", 'There is no type "strng".'],
  ["yaml-alias.paw", "yaml-alias", "3:8", "YAML aliases are not part of the .paw language."],
  [
    "yaml-error.paw",
    "yaml",
    "3:1",
    "Wrong YAML: Flow sequence in block collection must be sufficiently indented and end with a ].",
  ],
];

describe("a bad spec", () => {
  test.each(readdirSync(folder).filter((file) => file.endsWith(".paw")))("%s", (file) => {
    const { spec, diagnostics } = readSpec(join(folder, file));
    const found = diagnostics.map(({ code, location, message }) => {
      const own = basename(location.file) === file;
      const place = `${own ? "" : `${basename(location.file)}:`}${location.line}:${location.column}`;
      const [text, reader] = message.replaceAll(folder, "").split(" (This file is read by ");
      expect(own || reader).toBeTruthy(); // a message about a data file names the spec's line
      return [file, code, place, text];
    });
    expect(spec).toBeUndefined();
    expect(found).toEqual(table.filter(([name]) => name === file));
    expect(found.length).toBeGreaterThan(0);
  });

  test("has a frame and a hint", () => {
    const { diagnostics } = parseSpec(
      "---\nreturns: [good, bad]\n---\nJudge.\n\n## Tests\n\n- Fine => godo\n",
      "judge.paw",
    );
    expect(diagnostics.map(formatDiagnostic).join("\n")).toMatchInlineSnapshot(`
      "judge.paw:8:11: error: "godo" is not one of the labels.

        6 | ## Tests
        7 |
      > 8 | - Fine => godo
          |           ^^^^
        9 |

      hint: Did you mean "good"? The labels are "good", "bad"."
    `);
  });

  test("is told apart by its bytes", () => {
    const codes = (bytes: Uint8Array | string): string[] =>
      parseSpec(bytes, "x.paw").diagnostics.map(
        ({ code, location, frame }) => `${code} ${location.line}:${location.column}${frame}`,
      );
    const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");
    for (const compiled of ["PAK\x01\0\0", "PK\x03\x04\x14\0", "PAW\x02\xff\0"]) {
      expect(codes(latin(compiled))).toEqual(["compiled-bundle 1:1"]);
      expect(codes(compiled)).toEqual(["compiled-bundle 1:1"]);
    }
    expect(codes(latin("---\nreturns: \0\n---\n"))).toEqual(["binary 2:10"]);
    expect(codes("---\nreturns: \0\n---\n")).toEqual(["binary 2:10"]);
    expect(codes(latin("---\nreturns: string\n---\nCaf\xe9\n"))).toEqual(["binary 4:4"]);
    expect(codes(Buffer.from("\uFEFF---\nreturns: string\n", "utf16le"))).toEqual(["encoding 1:1"]);
  });

  test("with 1 MB of instructions gets one short message", () => {
    const { spec, diagnostics } = parseSpec(`---\nreturns: boolean\n---\n\n${"word ".repeat(200_000)}\n`, "x.paw");
    expect(spec).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: "instructions-too-long", location: { line: 5, column: 1 } }]);
    expect(diagnostics[0]?.message).toBe("The instructions are 999,999 characters long; the limit is 16,000.");
    expect(formatDiagnostic(diagnostics[0] as never).length).toBeLessThan(1000);
  });

  test("that does not exist, or is a folder, is a diagnostic", () => {
    expect(readSpec(join(folder, "nowhere.paw")).diagnostics).toMatchObject([
      {
        code: "unreadable",
        message: "This spec cannot be read: there is no such file.",
        location: { line: 1, column: 1 },
      },
    ]);
    expect(readSpec(folder).diagnostics[0]?.message).toBe("This spec cannot be read: it is a folder.");
  });

  test("with thousands of mistakes lists the first hundred", () => {
    const text = `---\nreturns: [good, bad]\n---\nJudge.\n\n## Examples\n\n${"- Fine => odd\n".repeat(5000)}`;
    const { diagnostics } = parseSpec(text, "x.paw");
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([...Array(100).fill("output"), "too-many"]);
  });

  test("keeps control characters off the terminal, and shows a long line around the place", () => {
    const text = `---\nreturns: boolean\n---\nGo.\n\n## Tests\n\n- \u001b[31m${"red ".repeat(500)} => yes\n`;
    const [diagnostic] = parseSpec(text, "x.paw").diagnostics;
    expect(diagnostic?.location).toMatchObject({ line: 8, column: 2012 });
    expect(diagnostic?.frame).toContain("red  => yes\n");
    expect(diagnostic?.frame).not.toContain("\u001b");
    expect(diagnostic?.frame.length).toBeLessThan(500);
  });
});

describe("a bad data file", () => {
  const parse = (files: Record<string, string | Uint8Array>, header = "returns: boolean") => {
    const items = Object.keys(files).map((file) => `- from: ${file}\n`);
    return parseSpec(`---\n${header}\n---\nGo.\n\n## Examples\n\n${items.join("")}`, "specs/x.paw", {
      readFile: (path) => {
        const content = files[basename(path)] as string | Uint8Array;
        return typeof content === "string" ? Buffer.from(content) : content;
      },
    });
  };
  const first = (content: string | Uint8Array, file = "data.json", header?: string): string => {
    const { spec, diagnostics } = parse({ [file]: content }, header);
    const [diagnostic] = diagnostics;
    expect(spec).toBeUndefined();
    return `${basename(diagnostic?.location.file ?? "")}:${diagnostic?.location.line}:${diagnostic?.location.column} ${diagnostic?.message}`;
  };

  test.each([
    ["[", "1:2 Wrong JSON: the text ends too early."],
    ['[{"input": "a", "output": true},]', '1:33 Wrong JSON: unexpected "]".'],
    ['[{"input": "a"\n, output: true}]', '2:3 Wrong JSON: expected a key in double quotes, found "o".'],
    ['[{"input" "a"}]', '1:11 Wrong JSON: expected a colon, found "\\"".'],
    ['[{"input": "a}]', "1:12 Wrong JSON: a wrong or unclosed string."],
    ['["\\x"]', "1:2 Wrong JSON: a wrong or unclosed string."],
    ["[01]", '1:3 Wrong JSON: expected a comma, found "1".'],
    ["[] []", '1:4 Wrong JSON: unexpected "[" behind the value.'],
    ["[1}", '1:3 Wrong JSON: unexpected "}".'],
    ["[\n1,\n  {}]", "2:1 Expected an object with the keys input and output, found 1."],
  ])("%s", (content, expected) => {
    expect(first(content)).toBe(`data.json:${expected} (This file is read by specs/x.paw:8.)`);
  });

  test("that is binary or too large is refused", () => {
    expect(first("a\n\0", "data.csv")).toMatch(
      /^data.csv:2:1 This is a binary file: .* \(This file is read by specs\/x.paw:8.\)/,
    );
    expect(first(new Uint8Array(50_000_001), "data.csv")).toBe(
      'x.paw:8:9 The data file "data.csv" cannot be read: it has 50 MB, more than the limit of 50 MB.',
    );
  });

  test("with too many pairs is refused quickly", () => {
    const rows = Array.from({ length: 100_001 }, (_, row) => `text ${row},true\n`);
    expect(first(`input,output\n${rows.join("")}`, "data.csv")).toBe(
      "x.paw:8:1 The examples and tests are more than the limit of 100,000 pairs.",
    );
    expect(parse({ "data.csv": `input,output\n${rows.slice(1).join("")}` }).spec?.examples.length).toBe(100_000);
  });

  test("nested without end is a diagnostic", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(first(`[{"input": "a", "output": ${deep}}]`, "data.json", "returns: string[]")).toMatch(
      /^data.json:1:89 Wrong JSON: nested more than 64 levels deep/,
    );
    expect(first(`[{"input": ${deep}, "output": true}]`)).toMatch(/^data.json:1:74 Wrong JSON: nested more than 64/);
    const spec = parseSpec(
      `---\nreturns: string[]\n---\nGo.\n\n## Tests\n\n- a => ${deep}\n- input: a\n  output: ${deep}\n`,
      "x.paw",
    );
    expect(spec.diagnostics.map((diagnostic) => diagnostic.severity)).toEqual(["error", "error"]);
    for (const returns of [deep, `${"{a: ".repeat(20_000)}`, `string${"[]".repeat(9)}`]) {
      const [diagnostic] = parseSpec(`---\nreturns: ${returns}\n---\nGo.`, "x.paw").diagnostics;
      expect(diagnostic?.severity).toBe("error");
      expect(diagnostic?.message.length).toBeLessThan(400);
    }
  });

  test("is watched on failure too", () => {
    const { dataFiles, spec } = parse({ "a.csv": "wrong", "b.json": "[" }, "returns: strng");
    expect(spec).toBeUndefined();
    expect(dataFiles.map((file) => basename(file))).toEqual(["a.csv", "b.json"]);
  });

  test("cannot reach JavaScript's prototypes", () => {
    const header = "returns:\n  name: string";
    const pair = '{"input": "a", "output": {"name": "b", "__proto__": {"polluted": true}}}';
    expect(first(pair, "data.jsonl", header)).toContain('The output has an unknown field "__proto__".');
    expect(first("__proto__,constructor\n1,2\n", "data.csv")).toContain('no column "input"');
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
  });
});
