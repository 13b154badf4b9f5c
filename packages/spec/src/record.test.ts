import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ParseResult, parseSpec, readSpec, type Spec } from "./parse.ts";
import { recordPath, requestDigest, teacherMark } from "./record.ts";

const text = (labels = "polite, rude") => `---
returns: [${labels}]
---
Decide whether a message is polite or rude.

## Examples
- Thank you => polite

## Tests
- Go away => rude
`;

function parse(record: string, spec = text()): ParseResult {
  return parseSpec(spec, "tone.paw", { record });
}

const request = requestDigest(parseSpec(text(), "tone.paw").spec as Spec);
/** A line as a teacher's pair is recorded. */
const taught = (input: string, output: string, asked = request) =>
  JSON.stringify({ input, output, teacher: teacherMark(asked, input, output) });
const pairs = ({ spec }: ParseResult) => spec?.examples.map(({ input, output, by }) => [input, output, by]);
const first = ["Thank you", "polite", undefined];

test("a teacher's pairs are examples after the spec's own", () => {
  const result = parse(`${taught("Shut up", "rude")}\n${taught("Much obliged", "polite")}\n`);
  expect(pairs(result)).toEqual([first, ["Shut up", "rude", "teacher"], ["Much obliged", "polite", "teacher"]]);
  expect(result.diagnostics).toEqual([]);
  expect(result.spec?.record).toEqual({ outdated: 0 });
  expect(result.spec?.digest).not.toBe(parseSpec(text(), "tone.paw").spec?.digest);
});

test("a line that a person wrote or edited is theirs", () => {
  const edited = taught("Shut up", "polite").replace('"polite"', '"rude"');
  expect(pairs(parse(`${edited}\n{"input":"Hello","output":"polite"}`))).toEqual([
    first,
    ["Shut up", "rude", undefined],
    ["Hello", "polite", undefined],
  ]);
});

test("what people wrote wins: a teacher's answer to the same input is left out, also where it is a test", () => {
  const record = [taught("Thank you", "rude"), taught("Go away", "rude"), taught("Hello", "rude")];
  const result = parse([...record, '{"input":"Hello","output":"polite"}'].join("\n"));
  expect(pairs(result)).toEqual([first, ["Hello", "polite", undefined]]);
});

test("pairs of other instructions are used, with a warning; those that no longer fit the types are not", () => {
  const record = `${taught("Shut up", "rude")}\n${taught("Much obliged", "polite")}`;
  const result = parse(record, text("polite, gruff").replace("=> rude", "=> gruff"));
  expect(pairs(result)).toEqual([first, ["Much obliged", "polite", "teacher"]]);
  expect(result.diagnostics).toMatchObject([
    { severity: "warning", code: "record-outdated", message: expect.stringContaining("2 of the pairs") },
    { severity: "warning", code: "unseen-label" },
  ]);
  expect(result.spec?.record).toEqual({ outdated: 2 });
});

test("a person's line that does not fit is an error at its place", () => {
  const { spec, diagnostics } = parse(`${taught("Shut up", "rude")}\n{"input":"Hello","output":"nice"}\nnonsense`);
  expect(spec).toBeUndefined();
  expect(diagnostics.map(({ code, location: { file, line } }) => [code, file, line])).toEqual([
    ["output", "tone.paw.pairs.jsonl", 2],
    ["data-json", "tone.paw.pairs.jsonl", 3],
  ]);
});

test("the request names what decides an answer, and nothing else", () => {
  const of = (spec: string) => requestDigest(parseSpec(spec, "tone.paw").spec as Spec);
  expect(of(text().replace("Thank you", "Thanks"))).toBe(request);
  expect(of(text().replace("Decide", "Say"))).not.toBe(request);
  expect(of(text("polite, rude, other"))).not.toBe(request);
});

const folder = mkdtempSync(join(tmpdir(), "paw-record-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "tone.paw");
beforeAll(() => writeFileSync(file, text()));

test("the record beside a file is read, and watched as its data files are", () => {
  expect(readSpec(file).spec?.examples).toHaveLength(1);
  writeFileSync(recordPath(file), taught("Shut up", "rude"));
  const { spec, dataFiles } = readSpec(file);
  expect(spec?.examples).toHaveLength(2);
  expect(dataFiles).toEqual([`${file}.pairs.jsonl`]);
});

test("a record that is no text is an error, and watched still", () => {
  writeFileSync(recordPath(file), Buffer.from([0xff, 0, 1]));
  const { spec, diagnostics, dataFiles } = readSpec(file);
  expect(spec).toBeUndefined();
  expect(diagnostics[0]).toMatchObject({ code: "binary", location: { file: `${file}.pairs.jsonl` } });
  expect(dataFiles).toHaveLength(1);
});
