import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { formatDiagnostic, parseSpec, printable, readSpec } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "paw-printable-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Anything that moves a cursor, changes a colour, hides or reorders text. */
const FORBIDDEN = /[^\P{Cc}\n\t]|[\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/u;

test("what nobody sees is named", () => {
  expect(printable("a\u00a0b\u200bc\u202ed\u001b[31m\u009be\nf")).toBe(
    "a<U+00A0 NO-BREAK SPACE>b<U+200B ZERO WIDTH SPACE>c<U+202E RIGHT-TO-LEFT OVERRIDE>d<U+001B ESCAPE>[31m" +
      "<U+009B CONTROL SEQUENCE INTRODUCER>e<U+000A>f",
  );
  expect(printable("plain text, größe, 日本語, 👩‍💻, 👍🏽", "\n")).toBe("plain text, größe, 日本語, 👩‍💻, 👍🏽");
});

test("no message lets it through, wherever it stands (1,000 specs)", () => {
  const bad = fc.constantFrom(
    "\u001b[31m",
    "\u009b2J",
    "\u0007",
    "\u202e",
    "\u200b",
    "\u2028",
    "\ud800",
    "\u007f",
    "\ufeff",
    "\u0085",
  );
  const places = fc.constantFrom<(text: string) => string>(
    (text) => `---\nreturns: [good, ba${text}d]\n---\nGo.\n\n## Tests\n\n- a => ${text}\n`,
    (text) => `---\nreturns: ${text}\n---\nGo.\n`,
    (text) => `---\nret${text}urns: string\n---\nGo.\n`,
    (text) => `---\nreturns:\n  na${text}me: string\n---\nGo.\n`,
    (text) => `---\nreturns: boolean\n---\nGo.\n\n## Exam${text}ples\n`,
    (text) => `---\nreturns: boolean\n---\nGo.\n\n## Examples\n\n- from: ./${text}.csv\n- from: x.${text}\n`,
    (text) => `---\nreturns: boolean\n---\nGo.\n\n## Examples\n\n- inp${text}ut: a\n  output: true\n- { ${text}: 1 }\n`,
    (text) => `---\nreturns:\n  a: number\n---\nGo.\n\n## Examples\n\n- x => { a: "${text}", ${text}: 1 }\n`,
    (text) => `---\nreturns: boolean\n---\nGo.\n\n## Examples\n\n${text}stray\n- ${text} => ${text}\n`,
    (text) => `---\nreturns: boolean\naccuracy: ${text}\n---\nGo.\n`,
  );
  let shown = 0;
  fc.assert(
    fc.property(places, bad, (place, text) => {
      for (const diagnostic of parseSpec(place(text), `bad${text}\nname.paw`).diagnostics) {
        shown++;
        expect(formatDiagnostic(diagnostic)).not.toMatch(FORBIDDEN);
        expect(formatDiagnostic(diagnostic).split("\n", 1)[0]).toMatch(/^bad.*name\.paw:\d+:\d+: /);
      }
    }),
    { numRuns: 1000, seed: 20261128 },
  );
  expect(shown).toBeGreaterThan(500);
});

test("data files are no way around it", () => {
  writeFileSync(join(folder, "d.csv"), "input,output\na,\u001b]0;title\u0007\n\u202eb,x\n");
  writeFileSync(join(folder, "x.paw"), "---\nreturns: boolean\n---\nGo.\n\n## Examples\n\n- from: d.csv\n");
  const { diagnostics } = readSpec(join(folder, "x.paw"));
  expect(diagnostics).toHaveLength(2);
  for (const diagnostic of diagnostics) expect(formatDiagnostic(diagnostic)).not.toMatch(FORBIDDEN);
});
