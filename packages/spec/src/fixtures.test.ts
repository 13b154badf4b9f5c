import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type JsonSchema, parseOutput, renderInput, renderOutput } from "@unplugin-paw/program";
import { describe, expect, test } from "vitest";
import { formatDiagnostic, readSpec, type Spec } from "./index.ts";

const folder = fileURLToPath(new URL("../../../fixtures/specs/", import.meta.url));

function read(name: string): Spec {
  const { spec, diagnostics } = readSpec(join(folder, name));
  // (In triage.paw one label stands in a test only.)
  expect(diagnostics.filter(({ code }) => code !== "unseen-label").map(formatDiagnostic)).toEqual([]);
  return spec as Spec;
}

const both = ({ examples, tests }: Spec) =>
  [examples, tests].map((list) => list.map(({ input, output }) => [input, output]));

describe("the fixtures", () => {
  test("sentiment: closed labels", () => {
    const spec = read("sentiment.paw");
    expect(spec).toMatchObject({
      name: "sentiment",
      instructions: "Decide whether a product review is positive, negative or mixed. Sarcasm counts as what is meant.",
      contract: {
        input: { kind: "string" },
        output: { kind: "labels", labels: ["positive", "negative", "mixed"] },
        abstain: 0.4,
      },
      accuracy: 0.6,
      dataFiles: [],
    });
    expect(spec.examples[4]).toEqual({
      input: "Great. Another broken zipper.\nJust what I needed.",
      output: "negative",
      location: { file: join(folder, "sentiment.paw"), line: 14, column: 1, endLine: 17, endColumn: 19 },
    });
    expect(spec.tests[2]).toMatchObject({
      input: "Pretty, but it fell apart",
      output: "mixed",
      location: { line: 23 },
    });
  });

  test("a text, a number, a boolean, a date", () => {
    expect(both(read("extract-name.paw"))).toEqual([
      [
        ["Could I speak to Maria Lopez please?", "Maria Lopez"],
        ['Hi, is "Bob" around?', "Bob"],
        ["Press a => b and ask for Li", "Li"],
      ],
      [["I have a parcel for Dr. Okafor.", "Dr. Okafor"]],
    ]);
    expect(read("extract-name.paw").instructions).toContain("## Examples inside a code block");
    expect(both(read("count-items.paw"))[1]).toEqual([["a hat, a coat", 2]]);
    expect(both(read("is-urgent.paw"))[0]?.[1]).toEqual(["Lunch next month?", false]);
    expect(both(read("due-date.paw"))[1]).toEqual([["Pay by 1 March 2027", "2027-03-01"]]);
    expect(
      ["extract-name", "count-items", "is-urgent", "due-date"].map((name) => read(`${name}.paw`).contract.output),
    ).toEqual([{ kind: "string" }, { kind: "number" }, { kind: "boolean" }, { kind: "date" }]);
  });

  test("arrays and objects", () => {
    expect(both(read("list-colours.paw"))[0]).toEqual([
      ["a red ball on a blue floor", ["red", "blue"]],
      ["nothing to see here", []],
      ["green tea", ["green"]],
    ]);
    const book = read("book.paw");
    expect(book.contract.output).toEqual({
      kind: "json",
      schema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: {
          title: { type: "string" },
          year: { type: "number" },
          shelf: { enum: ["novel", "poetry", "history"] },
          tags: { type: "array", items: { type: "string" } },
          author: {
            type: "object",
            properties: { name: { type: "string" }, born: { type: "string", format: "date" } },
            required: ["name"],
            additionalProperties: false,
          },
        },
        required: ["title", "shelf", "tags", "author"],
        additionalProperties: false,
      },
    });
    expect(Object.keys((book.contract.output as { schema: JsonSchema }).schema.properties as object)).toEqual([
      "title",
      "year",
      "shelf",
      "tags",
      "author",
    ]);
    expect(book.tests[0]?.output).toEqual({
      title: "Howl",
      shelf: "poetry",
      tags: [],
      author: { name: "Allen Ginsberg" },
    });
  });

  test("an object input, with a CSV file of its fields", () => {
    const spec = read("triage.paw");
    expect(spec.contract.output).toEqual({ kind: "labels", labels: ["bug", "feature", "question"] });
    expect(both(spec)).toEqual([
      [
        [{ title: "Crash on start", body: "It says: segfault", stars: 3 }, "bug"],
        [{ title: "Dark mode please", stars: 12 }, "feature"],
        [{ title: "Login fails", body: 'After the update, "wrong password" for everybody', stars: 40 }, "bug"],
        [{ title: "Export to PDF", stars: 7 }, "feature"],
      ],
      [[{ title: "How do I install this?", stars: 0 }, "question"]],
    ]);
    expect(spec.examples[3]?.location).toMatchObject({ file: join(folder, "data/triage.csv"), line: 3, column: 1 });
  });

  test("CSV, JSONL and JSON files", () => {
    const spec = read("reviews.paw");
    expect(spec.dataFiles).toEqual(
      ["reviews.csv", "reviews.jsonl", "reviews.test.json"].map((file) => join(folder, "data", file)),
    );
    expect(
      [...spec.examples, ...spec.tests].map(({ input, output, location }) => [input, output, location.line]),
    ).toEqual([
      ["Lovely, simply lovely", "good", 2],
      ["It broke.\nTwice.", "bad", 3],
      ["Would buy again", "good", 1],
      ["Never again", "bad", 3],
      ["A joy to use, from the first day to the last", "good", 2],
      ["A waste of money, of time and of cardboard", "bad", 3],
    ]);
  });
});

test("every pair of the fixtures goes through the program's text forms", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".paw"))) {
    const { contract, examples, tests } = read(file);
    for (const { input, output } of [...examples, ...tests]) {
      expect(renderInput(contract, input)).not.toBe("");
      expect(parseOutput(contract, renderOutput(contract, output))).toEqual(output);
    }
  }
});
