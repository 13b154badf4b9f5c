import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseSpec, readSpec, type Spec, specTypes } from "./index.ts";

const fixture = (name: string): Spec =>
  readSpec(fileURLToPath(new URL(`../../../fixtures/specs/${name}.paw`, import.meta.url))).spec as Spec;

/** The line that gives the function its type. */
const typeOf = (header: string): string =>
  specTypes(parseSpec(`---\n${header}\n---\nGo.`, "f.paw").spec as Spec)
    .code.split("\n")
    .find((line) => line.startsWith("declare")) as string;

test("labels that may abstain", () => {
  expect(specTypes(fixture("sentiment")).code).toMatchInlineSnapshot(`
    "import type { PawClassifier, ProgramMeta } from "@unplugin-paw/runtime";

    /**
     * Decide whether a product review is positive, negative or mixed. Sarcasm counts as what is meant.
     *
     * @returns \`null\` where no answer is at least 0.4 probable
     */
    declare const sentiment: PawClassifier<string, "positive" | "negative" | "mixed", true>;
    export default sentiment;

    /** Where the program comes from: its spec, interpreter and scores. */
    export declare const meta: ProgramMeta;
    "
  `);
});

test("an object input", () => {
  expect(specTypes(fixture("triage")).code).toMatchInlineSnapshot(`
    "import type { PawClassifier, ProgramMeta } from "@unplugin-paw/runtime";

    /**
     * Sort an issue of a code project.
     */
    declare const triage: PawClassifier<{ title: string; body?: string; stars: number }, "bug" | "feature" | "question">;
    export default triage;

    /** Where the program comes from: its spec, interpreter and scores. */
    export declare const meta: ProgramMeta;
    "
  `);
});

test("an object output", () => {
  expect(specTypes(fixture("book")).code).toMatchInlineSnapshot(`
    "import type { PawFunction, ProgramMeta } from "@unplugin-paw/runtime";

    /**
     * Read the facts about a book out of a sentence.
     */
    declare const book: PawFunction<string, { title: string; year?: number; shelf: "novel" | "poetry" | "history"; tags: string[]; author: { name: string; born?: string } }>;
    export default book;

    /** Where the program comes from: its spec, interpreter and scores. */
    export declare const meta: ProgramMeta;
    "
  `);
});

test("a date says what its text is", () => {
  expect(specTypes(fixture("due-date")).code).toMatchInlineSnapshot(`
    "import type { PawFunction, ProgramMeta } from "@unplugin-paw/runtime";

    /**
     * Write the day by which the thing must be done.
     *
     * @returns an ISO 8601 date such as \`2026-11-24\`
     */
    declare const dueDate: PawFunction<string, string>;
    export default dueDate;

    /** Where the program comes from: its spec, interpreter and scores. */
    export declare const meta: ProgramMeta;
    "
  `);
});

test.each([
  ["returns: string", "PawWriter<string>"],
  ["returns: number", "PawFunction<string, number>"],
  ["returns: boolean", "PawClassifier<string, boolean>"],
  ["returns: boolean\nabstain: 0.5", "PawClassifier<string, boolean, true>"],
  ["returns: number[][]", "PawFunction<string, number[][]>"],
  ["returns: (string | number)[]", "PawFunction<string, (string | number)[]>"],
  ["returns: date[]", "PawFunction<string, string[]>"],
  [`returns: "('x' | 'y')[]"`, 'PawFunction<string, ("x" | "y")[]>'],
  ["returns:\n  in-ner: boolean\n  größe?: [1, 2]", 'PawFunction<string, { "in-ner": boolean; größe?: "1" | "2" }>'],
  [`returns: ['say "hi"', "it's"]`, `PawClassifier<string, "say \\"hi\\"" | "it's">`],
])("%s", (header, type) => {
  expect(typeOf(header)).toBe(`declare const f: ${type};`);
});

test("instructions cannot leave their comment", () => {
  const text = "---\nreturns: string\n---\nGo. */ export const evil = 1; /*\n\nOn.";
  expect(specTypes(parseSpec(text, "f.paw").spec as Spec).code).toContain(
    "/**\n * Go. *\\/ export const evil = 1; /*\n *\n * On.\n */",
  );
});

/** What stands at each mapped place: in the declarations, and in the spec. */
function mapped(text: string): [string, string][] {
  const { code, mappings } = specTypes(parseSpec(text, "f.paw").spec as Spec);
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const start = (rest = "") => rest.match(/^["']?[\p{L}-]+["']?|^.?/u)?.[0] ?? "";
  return mappings.map(({ offset, line, column }) => [
    start(code.slice(offset)),
    start((lines[line - 1] as string).slice(column - 1)),
  ]);
}

test.each(["\n", "\r\n"])("places of the declarations are places of the spec, with %j as line break", (lineBreak) => {
  const lines = [
    "\uFEFF---",
    "returns: [red, 'sky blue', no]",
    "input:",
    "  title: string",
    "  a-b?:",
    "    c: number",
  ];
  expect(mapped([...lines, "---", "", "  Name a colour.", "Be brief."].join(lineBreak))).toEqual([
    ["import", "---"],
    ["declare", "Name"],
    ["f", "Name"],
    [":", ""],
    ["title", "title"],
    [":", ":"],
    [";", ""],
    [" ", ""],
    ['"a-b"', "a-b"],
    ["?", ":"],
    ["c", "c"],
    [":", ":"],
    [" ", ""],
    [" ", ""],
    ['"red"', "red"],
    ['"sky', "'sky"],
    ['"no"', "no"],
    ["", ""],
    ["export", "---"],
    ["meta", "---"],
    ["", ""],
  ]);
});

test("labels of a union, and of fields, have their places, too", () => {
  const union = mapped('---\nreturns: \'"z" | "a"\'\n---\nGo.');
  expect(union).toContainEqual(['"z"', '"z"']);
  expect(union).toContainEqual(['"a"', '"a"']);
  const field = mapped("---\nreturns:\n  kind: [x, y]\n---\nGo.");
  for (const pair of [
    ["kind", "kind"],
    ['"x"', "x"],
    ['"y"', "y"],
  ])
    expect(field).toContainEqual(pair);
});
