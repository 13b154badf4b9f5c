import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParseResult, parseSpec } from "./index.ts";

function read(
  content: string | Uint8Array,
  header = "returns: [billing, other]",
  file = "data.csv",
  from?: string,
): ParseResult {
  const text = `---\n${header}\n---\nGo.\n\n## Examples\n\n- from: ${from ?? `./${file}`}\n`;
  return parseSpec(text, "x.paw", { readFile: () => (typeof content === "string" ? Buffer.from(content) : content) });
}

const pairs = ({ spec }: ParseResult) => spec?.examples.map(({ input, output }) => [input, output]);
const firstError = ({ spec, diagnostics }: ParseResult) => {
  const { code, location, hint } = diagnostics.find(({ severity }) => severity === "error") ?? {};
  expect(spec).toBeUndefined();
  expect(hint).toBeTruthy();
  return `${code} ${location?.line}:${location?.column}`;
};

const CARDS = [
  ["my card, again", "billing"],
  ["hello", "other"],
];

describe("CSV", () => {
  test.each([
    ["commas", 'input,output\n"my card, again",billing\nhello,other\n'],
    ["a blank before a quoted cell", 'output, input\nbilling, "my card, again"\nother , hello\n'],
    ["tabs around", 'input,output\n\t"my card, again"\t,\tbilling\nhello,other'],
    ["semicolons", "input;output\nmy card, again;billing\nhello;other\n"],
    ["tabs", "input\toutput\nmy card, again\tbilling\nhello\tother\n"],
    ["a separator that Excel is told", "sep=|\r\ninput|output\r\nmy card, again|billing\r\nhello|other\r\n"],
    ["blank rows", '\n\ninput,output\n,\n"my card, again",billing\n , \n\nhello,other\n,,,\n'],
    ["cells behind the last column", 'input,output\n"my card, again",billing,,\nhello,other,\n'],
    ["a byte order mark", '\uFEFFinput,output\n"my card, again",billing\nhello,other\n'],
    ["other columns, of any name", 'id,,input,output,\n1,x,"my card, again",billing,\n2,,hello,other,\n'],
  ])("with %s", (_, text) => {
    const result = read(text);
    expect(result.diagnostics).toEqual([]);
    expect(pairs(result)).toEqual(CARDS);
  });

  test("in a .tsv, and in UTF-16 as spreadsheets save it", () => {
    const text = "input\toutput\nmy card, again\tbilling\nhello\tother\n";
    expect(pairs(read(text, undefined, "data.tsv"))).toEqual(CARDS);
    const little = Buffer.from(`\uFEFF${text}`, "utf16le");
    expect(pairs(read(little, undefined, "data.tsv"))).toEqual(CARDS);
    expect(pairs(read(Buffer.from(little).swap16(), undefined, "data.tsv"))).toEqual(CARDS);
    expect(firstError(read(Buffer.concat([little, Buffer.of(0x20)]), undefined, "data.tsv"))).toMatch(/^binary /);
    expect(firstError(read(Buffer.from("input,output\ncaf\xe9,billing\n", "latin1")))).toBe("binary 2:4");
  });

  test("with TRUE and FALSE", () => {
    expect(pairs(read("input,output\na,TRUE\nb,False\n", "returns: boolean"))).toEqual([
      ["a", true],
      ["b", false],
    ]);
    const header = "returns: boolean\ninput:\n  paid: boolean\n  note?: string";
    expect(pairs(read("paid,note,output\nTRUE,,FALSE\n", header))).toEqual([[{ paid: true }, false]]);
  });

  test("with an empty text in quotes, and only there", () => {
    expect(pairs(read('input,output\n"",billing\nhello,other\n'))?.[0]).toEqual(["", "billing"]);
    expect(firstError(read("input,output\nhello,other\n ,billing\n"))).toBe("empty-cell 3:1");
    expect(firstError(read("input,output\nhello,\nb,billing\n"))).toBe("empty-cell 2:1");
  });

  test.each([
    ["a quote that never closes", 'input,output\nhello,other\nx, "my card,billing\nb,other\n', "data-csv 3:4"],
    ["a quote that closes in another row", 'input,output\n"my card,billing\nb,other\n"c",other\n', "data-csv 2:1"],
    ["a header twice", "input,output,input\na,other,b\n", "data-columns 1:1"],
    ["no header", "hello,other\n", "data-columns 1:1"],
    ["no pairs", "input,output\n", "data-empty 1:1"],
    ["no pairs but blank rows", "input,output\n,\n\n", "data-empty 1:1"],
    ["a row that is too short", "input,output\nhello\n", "data-csv 2:1"],
    ["a wrong label", "input,output\nhello, odd\n", "output 2:8"],
  ])("%s is an error", (_, text, expected) => {
    expect(firstError(read(text))).toBe(expected);
  });

  test("says what was written (500 tables)", () => {
    const cell = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .map((text) => text.replace(/[\r\0]/g, ""));
    const quoteIt = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1 }),
        fc.constantFrom(",", ";", "\t"),
        fc.constantFrom("", " "),
        (cells, separator, blank) => {
          const rows = cells.map((text, index) => `${index}${separator}${blank}${quoteIt(text)}${blank}`);
          const text = [`output${separator}input`, ...rows].join("\n");
          const { spec } = read(text, "returns: number");
          if (new Set(cells).size === cells.length) expect(spec?.examples.map(({ input }) => input)).toEqual(cells);
        },
      ),
      { numRuns: 500, seed: 20261128 },
    );
  });
});

describe("JSON", () => {
  test.each([
    ["a key twice", '{"input": "a", "output": "other", "input": "b"}', "data-json 1:35"],
    ["a key twice, written in two ways", '{"input": "a", "output": "other", "\\u0069nput": "b"}', "data-json 1:35"],
    ["no pairs", "\n\n", "data-empty 1:1"],
    ["digits that no number keeps", '{"input": "a", "output": 12345678901234567890}', "data-json 1:26"],
  ])("%s is an error", (_, text, expected) => {
    expect(firstError(read(text, undefined, "data.jsonl"))).toBe(expected);
  });

  test("an empty array is an error", () => {
    expect(firstError(read("[]", undefined, "data.json"))).toBe("data-empty 1:1");
  });

  test("is read as JSON.parse does, where nothing is lost", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, noUnicodeString: false }), (json) => {
        const { spec, diagnostics } = read(`{"input": ${json}, "output": "other"}`, undefined, "data.jsonl");
        const value: unknown = JSON.parse(json);
        if (typeof value === "string") expect(spec?.examples[0]?.input).toBe(value);
        else expect(diagnostics[0]?.severity).toBe("error");
      }),
      { numRuns: 500, seed: 20261128 },
    );
  });
});

describe("columns of other names", () => {
  const CSV = "text,label\nmy card,billing\nhello,other\n";
  const expected = [
    ["my card", "billing"],
    ["hello", "other"],
  ];

  test("are named by `from:`, in a line or below it", () => {
    const line = "{ file: ./data.csv, input: text, output: label }";
    expect(pairs(read(CSV, undefined, "data.csv", line))).toEqual(expected);
    const below = "\n    file: ./data.csv\n    input: text\n    output: label";
    expect(pairs(read(CSV, undefined, "data.csv", below))).toEqual(expected);
  });

  test("in JSON", () => {
    const lines = '{"text": "my card", "label": "billing"}\n{"text": "hello", "label": "other"}';
    const from = "{ file: ./data.jsonl, input: text, output: label }";
    expect(pairs(read(lines, undefined, "data.jsonl", from))).toEqual(expected);
    const array = `[${lines.replace("\n", ",")}]`;
    expect(pairs(read(array, undefined, "data.json", from.replace("jsonl", "json")))).toEqual(expected);
  });

  test("of an object input", () => {
    const header = "returns: [bug, question]\ninput:\n  title: string\n  body?: string\n  votes: number";
    const from = "{ file: ./data.csv, input: { title: Subject, body: Text }, output: Kind }";
    const csv = "Subject,Text,votes,Kind\nCrash,It breaks,3,bug\nHow?,,1,question\n";
    const both = [
      [{ title: "Crash", body: "It breaks", votes: 3 }, "bug"],
      [{ title: "How?", votes: 1 }, "question"],
    ];
    expect(pairs(read(csv, header, "data.csv", from))).toEqual(both);
    const lines =
      '{"Subject": "Crash", "Text": "It breaks", "votes": 3, "Kind": "bug"}\n{"Subject": "How?", "votes": 1, "Kind": "question"}';
    expect(pairs(read(lines, header, "data.jsonl", from.replace("csv", "jsonl")))).toEqual(both);
  });

  test.each([
    ["{ input: text, output: label }", "from"],
    ["{ file: ./data.csv, inputs: text, output: label }", "unknown-key"],
    ["{ file: ./data.csv, input: { title: text }, output: label }", "from"],
    ["{ file: ./data.csv, input: [text], output: label }", "from"],
    ["{ file: ./data.csv, input: text, output: lable }", "data-columns"],
    ["{ file: ./data.csv, input: text, output: text }", "data-columns"],
    ["{ file: , input: text }", "from"],
  ])("are an error where they are wrong: %s", (from, code) => {
    expect(firstError(read(CSV, undefined, "data.csv", from))).toMatch(new RegExp(`^${code} `));
  });
});
