import { promptTokens } from "@unplugin-paw/compiler/internals";
import { type Contract, outputSchema, parseOutput, renderOutput } from "@unplugin-paw/program";
import { answerAll, answerChoices, type Runnable } from "@unplugin-paw/runtime/decode";
import { type LocalEngine, sharedEngine } from "@unplugin-paw/runtime/engine";
import { formatDiagnostic, parseSpec } from "@unplugin-paw/spec";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";
import { readSuite } from "./suite.ts";

/** A spec of each kind of type, with a few examples, as a draft has them. */
const specs: { type: string; text: string }[] = [
  {
    type: "number",
    text: `---
returns: number
---
How many people, things or years does the text speak of? 0 where it names no number.

## Examples
- A table for two at nine => 2
- The train was late. => 0
- It cost 3.50 in 1999 => 3.5
`,
  },
  {
    type: "date",
    text: `---
returns: date
---
The day that the text is about.

## Examples
- Published in May 1998 => 1998-05-01
- See you on Christmas Day 2024 => 2024-12-25
`,
  },
  {
    type: "labels[]",
    text: `---
returns: '("person" | "place" | "thing" | "time")[]'
---
What does the text name?

## Examples
- Anna took the train to Paris => ["person", "thing", "place"]
- See you at nine => ["time"]
- Why not? => []
`,
  },
  {
    type: "object",
    text: `---
returns:
  summary: string
  tone: [friendly, neutral, angry]
  question: boolean
  name: string | null
  year?: number
---
Describe the text.

## Examples
- Could you call me, Tom? => { "summary": "asks for a call", "tone": "friendly", "question": true, "name": "Tom" }
- The 1998 edition is out of print! => { "summary": "edition sold out", "tone": "angry", "question": false, "name": null, "year": 1998 }
`,
  },
  {
    type: "integer 1..5",
    text: `---
returns: integer 1..5
---
How important is the text, from 1 to 5?

## Examples
- Good morning => 1
- The house is on fire! => 5
- Your parcel comes on Monday => 3
`,
  },
  {
    type: "pattern",
    text: `---
returns: string /[A-Z]{3}-\\d{2,4}/
---
A code for the text: three letters that sound like its topic, and its number of letters.

## Examples
- Dogs bark at night => DOG-18
- My invoice is wrong => INV-17
`,
  },
  {
    type: "object[]",
    text: `---
returns: [{ word: string, kind: [noun, verb, other] }]
---
The two or three most important words of the text.

## Examples
- Dogs bark at night => [{ "word": "Dogs", "kind": "noun" }, { "word": "bark", "kind": "verb" }]
- Beautiful! => [{ "word": "Beautiful", "kind": "other" }]
`,
  },
];

/** Answers per type with and without its grammar: how many are values of the type, and what a token costs. */
export default async function types(options: Options): Promise<void> {
  if (!options.suite) throw new Error("types needs --suite DIR, a folder with tasks/*.json");
  const count = Number(options.tests ?? 200);
  const engine = await sharedEngine();
  const tasks = readSuite(options.suite);
  // Of each task in turn, so that every type sees all kinds of input.
  const inputs = Array.from({ length: count * specs.length }, (_, i) => {
    const { test } = tasks[i % tasks.length] as (typeof tasks)[0];
    return test[Math.floor(i / tasks.length) % test.length]?.input as string;
  });
  const rows = [];
  for (const [i, { type, text }] of specs.entries()) {
    rows.push({ type, ...(await compare(engine, text, inputs.slice(i * count, (i + 1) * count))) });
    console.error(JSON.stringify(rows.at(-1)));
  }
  printTable(
    [
      "type",
      "inputs",
      "valid",
      "valid without",
      "ms a call",
      "without",
      "ratio",
      "ms a token",
      "without",
      "ratio",
      "same answers",
      "ratio",
    ],
    rows.map(({ type, bound, free, same }) => [
      type,
      bound.inputs,
      bound.valid,
      free.valid,
      ...pair(bound.milliseconds / bound.inputs, free.milliseconds / free.inputs),
      ...pair(bound.milliseconds / bound.tokens, free.milliseconds / free.tokens),
      ...[same.inputs, same.ratio.toFixed(2)],
    ]),
  );
  writeResults("types", { rows });
  process.exit(0);
}

const pair = (a: number, b: number) => [a.toFixed(1), b.toFixed(1), (a / b).toFixed(2)];

interface Run {
  inputs: number;
  valid: number;
  milliseconds: number;
  /** Of all answers. */
  tokens: number;
}

async function compare(
  engine: LocalEngine,
  text: string,
  inputs: readonly string[],
): Promise<{ bound: Run; free: Run; same: { inputs: number; ratio: number } }> {
  const { spec, diagnostics } = parseSpec(text, "types.paw");
  if (!spec) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  const { contract, instructions, examples } = spec;
  const shots = examples.map(({ input, output }) => ({ input: String(input), output: renderOutput(contract, output) }));
  const form = `Answer with JSON of this schema: ${JSON.stringify(outputSchema(contract))}`;
  const prompt = { instructions: `${instructions}\n${form}`, shots };
  const prefix = await engine.session.prefill(promptTokens(engine.interpreter, prompt));
  const program = (contract: Contract): Runnable => ({
    contract,
    prefix,
    calibration: { temperature: 1 },
    answerTokens: 64,
  });
  const run = async (under: Contract, inputs: readonly string[]): Promise<Run & { texts: string[] }> => {
    const start = performance.now();
    const found = await answerAll(engine, program(under), inputs);
    const milliseconds = performance.now() - start;
    const texts = found.map((one) => (one.error ? rawOf(one.error) : renderOutput(under, one.value)));
    const { encode } = answerChoices(engine.interpreter, under);
    return {
      texts,
      inputs: inputs.length,
      valid: found.filter((one, i) => !one.error && isValid(contract, texts[i] as string)).length,
      milliseconds,
      tokens: texts.reduce((sum, answer) => sum + encode(answer).length, 0),
    };
  };
  const unbound: Contract = { ...contract, output: { kind: "string" } };
  // What is made once a program is not a call's.
  await answerAll(engine, program(contract), inputs.slice(0, 8));
  const { texts: boundTexts, ...bound } = await run(contract, inputs);
  const { texts: freeTexts, ...free } = await run(unbound, inputs);
  // An answer that is cut short is a quick one: what the grammar costs is told by those that are the same both ways.
  const both = inputs.filter((_, i) => boundTexts[i] === freeTexts[i]);
  const times = [await run(contract, both), await run(unbound, both)].map(({ milliseconds }) => milliseconds);
  return { bound, free, same: { inputs: both.length, ratio: (times[0] as number) / (times[1] as number) } };
}

function rawOf(error: object): string {
  return "raw" in error && typeof error.raw === "string" ? error.raw : "";
}

function isValid(contract: Contract, text: string): boolean {
  try {
    parseOutput(contract, text);
    return true;
  } catch {
    return false;
  }
}
