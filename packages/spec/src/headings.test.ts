import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParseResult, parseSpec } from "./index.ts";

function withHeading(heading: string, front = "returns: boolean"): ParseResult {
  return parseSpec(`---\n${front}\n---\nGo.\n\n${heading}\n\n- a => true\n- b => false\n`, "x.paw");
}

const opens = ({ spec, diagnostics }: ParseResult, section: "examples" | "tests"): boolean =>
  spec?.[section].length === 2 && diagnostics.length === 0;
const isError = ({ spec, diagnostics }: ParseResult): boolean =>
  spec === undefined && diagnostics[0]?.code === "heading" && diagnostics[0].hint !== undefined;

describe("a section's heading", () => {
  test.each([
    "## Examples",
    "## examples",
    "## EXAMPLES ##",
    "##\tExamples",
    "  ##   Examples  ",
    "## Examples:",
    "## **Examples**",
    "## Examples (12)",
    "## Examples [3]",
    "## Examples (the compiler learns from these)",
    "## Examples {#examples .wide}",
    "## Examples    # the compiler learns from these",
    "## Examples <!-- 16 to 64 are a good number -->",
  ])("%s", (heading) => {
    expect(opens(withHeading(heading), "examples")).toBe(true);
    expect(opens(withHeading(heading.replace(/examples/i, "Tests")), "tests")).toBe(true);
  });

  test.each([
    "##Examples",
    "# Examples",
    "### Examples",
    "## Example",
    "## Exmples",
    "## Exemples",
    "## Examples of good answers",
    "## Examples and tests",
    "### Examples: more",
    "##\u00a0Examples",
    "\u200b## Examples",
    "## Examp\u200bles",
    "## Еxamples",
    "    ## Examples",
    "> ## Examples",
    "**Examples**",
    "**Examples:**",
    "__Examples__",
    "<h2>Examples</h2>",
    "Examples\n---",
    "Examples\n========",
    "Examples:",
  ])("or an error: %s", (heading) => {
    const result = withHeading(heading);
    expect(isError(result), JSON.stringify(result)).toBe(true);
    expect(result.diagnostics[0]?.hint).toContain("## Examples");
  });

  test.each(["## Test cases", "## Test", "## Testes", "## Texts", "#### Tests"])("or an error: %s", (heading) => {
    expect(isError(withHeading(heading))).toBe(true);
  });

  test.each([
    "## Text",
    "## Rules",
    "## The best examples",
    "## Taste",
    "### Testing grounds",
    "**Test your answer.**",
  ])("and others belong to the instructions: %s", (heading) => {
    const { spec, diagnostics } = withHeading(heading);
    expect(spec?.instructions).toContain("- a => true");
    expect(diagnostics.map(({ code }) => code)).toEqual(["stray-example", "no-pairs"]);
  });

  test("is never lost one edit away", () => {
    const edit = fc.record({
      at: fc.nat(8),
      kind: fc.constantFrom("drop", "add", "change"),
      letter: fc.constantFrom(..."aestxyz-é \u200b"),
    });
    fc.assert(
      fc.property(
        fc.constantFrom("Examples", "Tests"),
        edit,
        fc.constantFrom("", ":", " (4)", " # note", " {#a}"),
        (name, change, tail) => {
          const { at, kind, letter } = change;
          const edited = name.slice(0, at) + (kind === "drop" ? "" : letter) + name.slice(kind === "add" ? at : at + 1);
          const result = withHeading(`## ${edited}${tail}`);
          const section = name === "Tests" ? "tests" : "examples";
          expect(opens(result, section) || isError(result), `## ${edited}${tail}`).toBe(true);
        },
      ),
      { numRuns: 1000, seed: 20261128 },
    );
  });
});

describe("what would be measured and is not", () => {
  test("accuracy without tests is an error, whatever is wrong with the heading", () => {
    for (const heading of ["## Beispiele", "## Pruebas", "## Examples", "Samples"]) {
      const { spec, diagnostics } = withHeading(heading, "returns: boolean\naccuracy: 0.9");
      expect(spec, heading).toBeUndefined();
      expect(
        diagnostics.map(({ code }) => code),
        heading,
      ).toContain("no-tests");
    }
  });

  test.each(["- a => true", "* a => true", "1. a => true", "> - a => true", "- input: a", "- from: ./a.csv"])(
    "a list item among the instructions is a warning: %s",
    (item) => {
      const { diagnostics } = parseSpec(`---\nreturns: boolean\n---\nGo.\n\n${item}\n${item}\n`, "x.paw");
      expect(diagnostics[0]).toMatchObject({ severity: "warning", code: "stray-example", location: { line: 6 } });
      expect(diagnostics[0]?.message).toContain("2 list items");
    },
  );

  test("a section without items is a warning", () => {
    const text = "---\nreturns: boolean\n---\nGo.\n\n## Examples\n- a => true\n\n## Tests\n";
    const { spec, diagnostics } = parseSpec(text, "x.paw");
    expect(spec?.examples.length).toBe(1);
    expect(diagnostics).toMatchObject([{ severity: "warning", code: "empty-section", location: { line: 9 } }]);
  });
});
