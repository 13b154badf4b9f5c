import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatDiagnostic, parseSpec, readSpec } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "paw-limits-"));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = (front: string, list = "") => `---\n${front}\n---\nGo.\n${list && `\n## Examples\n\n${list}\n`}`;
const numbered = (count: number, of: (index: number) => string) => Array.from({ length: count }, (_, i) => of(i));

/** Every diagnostic is short and says what to do. */
function codes(text: string, data = ""): string[] {
  const { spec, diagnostics } = parseSpec(text, "x.paw", { readFile: () => Buffer.from(data) });
  expect(spec).toBeUndefined();
  for (const diagnostic of diagnostics) {
    if (diagnostic.code !== "too-many") expect(diagnostic.hint).toBeTruthy();
    expect(formatDiagnostic(diagnostic).length).toBeLessThan(3000);
  }
  return [...new Set(diagnostics.map(({ code }) => code))];
}

describe("more than can be read in good time is refused before it is read", () => {
  test.each([
    ["24 MB of [", spec(`returns: ${"[".repeat(24e6)}`), "too-large"],
    ["a million labels", spec(`returns: [${numbered(1e6, (i) => `a${i}`)}]`), "too-large"],
    ["1 MB of [", spec(`returns: ${"[".repeat(1e6)}`), "yaml"],
    ["1 MB of {", spec(`returns: ${"{".repeat(1e6)}`), "yaml"],
    ["half a million lists in one line", spec(`returns:\n  ${"- ".repeat(5e5)}a`), "yaml"],
    ["half a million keys in one line", spec(`returns:\n  ${"? ".repeat(5e5)}a`), "yaml"],
    [
      "1,300 levels by indentation",
      spec(`returns:\n${numbered(1300, (i) => `${" ".repeat(i + 1)}a:`).join("\n")}`),
      "yaml",
    ],
    ["1 MB of commas", spec(`returns: [${",".repeat(1e6)}]`), "yaml"],
    ["1 MB of quotes", spec(`returns: ${'"'.repeat(1e6)}`), "yaml"],
    ["100,000 labels", spec(`returns: [${numbered(1e5, (i) => `a${i}`)}]`), "yaml"],
    ["5,000 labels", spec(`returns: [${numbered(5000, (i) => `a${i}`)}]`), "labels"],
    ["1,001 labels in a union", spec(`returns: ${JSON.stringify(numbered(200, (i) => `'${i}'`).join("|"))}`), "type"],
    ["1,000 fields", spec(`returns:\n${numbered(1000, (i) => `  a${i}: string`).join("\n")}`), "type"],
    ["nine levels of fields", spec(`returns: ${"{ a: ".repeat(9)}string${" }".repeat(9)}`), "type"],
  ])("%s in the front matter", (_, text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  test.each([
    [
      "two items of 5,000 levels",
      `- input: ${"{".repeat(5000)}\n  output: [b]\n- input: ${"{".repeat(5000)}\n  output: [b]`,
      "yaml",
    ],
    ["an item of 5,000 levels", `- ${"{a: ".repeat(5000)}`, "yaml"],
    ["an output of 5,000 levels", `- { a: b } => ${"[".repeat(5000)}`, "output"],
  ])("%s", (_, list, code) => {
    expect(codes(spec("returns: string[]\ninput:\n  a: string", list))).toEqual([code]);
  });

  test("a megabyte of digits", () => {
    expect(codes(spec("returns: number", `- a => ${"1".repeat(1e6)}x`))).toEqual(["output"]);
    expect(codes(spec("returns: number", `- a => ${"1".repeat(1e6)}`))).toEqual(["output"]);
  });

  test.each([
    ["24 MB of [", "a.json", "[".repeat(24e6), "data-json"],
    ["lists within lists", "a.json", '{"a":'.repeat(5e6), "data-json"],
    ["millions of lists", "a.json", `[${"[],".repeat(3e6)}[]]`, "data-json"],
    ["millions of keys", "a.json", `{${numbered(1e6, (i) => `"k${i}":1`)}}`, "data-json"],
    ["millions of lines", "a.jsonl", "[\n".repeat(3e6), "too-large"],
    ["millions of rows", "a.csv", `input,output\n${"a,b,c\n".repeat(9e5)}`, "data-csv too-many"],
    ["millions of cells", "a.csv", `input,output\n${",".repeat(9e6)}`, "data-csv"],
    ["millions of columns", "a.csv", "a,".repeat(9e6), "data-csv"],
    ["millions of quotes", "a.csv", `input,output\n${'"'.repeat(9e6)}`, "data-csv"],
  ])("a data file with %s", (_, file, data, code) => {
    expect(codes(spec("returns: boolean", `- from: ${file}`), data).join(" ")).toBe(code);
  });
});

test("a spec's file is read when it is one, and small enough", () => {
  const path = join(folder, "large.paw");
  writeFileSync(path, spec(`returns: [${"a,".repeat(6e5)}]`));
  expect(readSpec(path).diagnostics).toMatchObject([{ code: "unreadable", hint: expect.stringContaining("1 MB") }]);
  expect(readSpec("/dev/zero").diagnostics[0]?.message).toBe("This spec cannot be read: it is not a regular file.");
  const pipe = join(folder, "pipe.paw");
  execFileSync("mkfifo", [pipe]); // opening one waits for a writer, for ever
  expect(readSpec(pipe).diagnostics[0]?.message).toBe("This spec cannot be read: it is not a regular file.");
});
