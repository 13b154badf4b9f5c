import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestReport } from "@unplugin-paw/compiler";
import { testReport } from "@unplugin-paw/compiler/internals";
import { parseSpec, readSpec, type Spec } from "@unplugin-paw/spec";
import { describe, expect, test } from "vitest";
import { examine } from "./index.ts";

const playground = fileURLToPath(new URL("../../../playground/", import.meta.url));

interface Parts {
  returns?: string;
  instructions?: string;
  examples?: string[];
  tests?: string[];
}

const POLITE = ["Thank you", "Much obliged", "You are very kind", "Would you mind closing it", "Have a lovely evening"];
const MORE = [
  "May I ask for the salt",
  "It was a pleasure",
  "After you, madam",
  "Do take your time",
  "Sorry to trouble you",
];
const RUDE = ["Shut up", "Get lost, idiot", "Your work is garbage", "Who asked for your opinion", "Out of my way"];
const RUDER = [
  "Nobody likes you",
  "Hurry, you snail",
  "What a stupid question",
  "I don't care about it",
  "Go jump in a lake",
];
const examples = [...POLITE, ...MORE]
  .map((input) => `${input} => polite`)
  .concat([...RUDE, ...RUDER].map((input) => `${input} => rude`));
const tests = [
  "Please come in => polite",
  "Many thanks for coming => polite",
  "I appreciate your help => polite",
  "That is generous of you => polite",
  "Good morning, sir => polite",
  "Leave me alone => rude",
  "You fool => rude",
  "Stop whining => rude",
  "This is a bloody mess => rude",
  "Get out => rude",
];

function spec(parts: Parts): Spec {
  const { returns = "[polite, rude]", instructions = "Decide whether a message is polite or rude." } = parts;
  const list = (items: string[]) => items.map((item) => `- ${item}`).join("\n");
  const sections = [
    ["## Examples", parts.examples ?? examples],
    ["## Tests", parts.tests ?? tests],
  ] as const;
  const body = sections.flatMap(([heading, items]) => (items.length > 0 ? [`${heading}\n${list([...items])}`] : []));
  const text = `---\nreturns: ${returns}\n---\n${instructions}\n\n${body.join("\n\n")}\n`;
  const { spec, diagnostics } = parseSpec(text, "tone.paw");
  return spec ?? expect.unreachable(JSON.stringify(diagnostics));
}

const codes = (spec: Spec, report?: TestReport) => examine(spec, report).map(({ code }) => code);

test("a good spec has no findings", () => {
  expect(examine(spec({}))).toEqual([]);
});

const names = ["Anna", "Ben", "Carla", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida"];
const plants: [string, string, Parts][] = [
  [
    "an answer's form is unsaid",
    "form-unsaid",
    { returns: "string", instructions: "Find the name.", examples: [], tests: [] },
  ],
  [
    "answers have two forms",
    "form-mixed",
    {
      returns: "string",
      instructions: "Say it in one polite sentence.",
      examples: names.map(
        (name, i) => `ask ${name} number ${i * i + 7} => Would you please ask ${name}${i === 4 ? "" : "."}`,
      ),
    },
  ],
  [
    "a label is explained nowhere",
    "label-unsaid",
    { returns: "[polite, rude, b2]", examples: [...examples, "So what => b2"] },
  ],
  [
    "a label is rare",
    "label-rare",
    {
      returns: "[polite, rude, neutral]",
      instructions: "Is a message polite, rude or neutral?",
      examples: [...examples, "It is ten o'clock => neutral"],
    },
  ],
  ["a label has no test", "label-untested", { tests: tests.map((line) => line.replace("rude", "polite")) }],
  ["there are few examples", "few-examples", { examples: examples.slice(6, 14) }],
  ["there are few tests", "few-tests", { tests: tests.slice(3, 7) }],
  [
    "two examples contradict each other",
    "contradiction",
    { examples: [...examples, "Who asked for your opinion? => polite"] },
  ],
  [
    "examples are copies of each other",
    "copies",
    { examples: [...examples, ...["!", "!!", "?", ".", "..", "?!"].map((end) => `Out of my way${end} => rude`)] },
  ],
  ["a test is nearly an example", "leak", { tests: [...tests, "Would you mind closing it, => polite"] }],
  [
    "inputs are long",
    "long-inputs",
    { examples: [...examples, `${"I waited and waited and nobody came. ".repeat(70)}=> rude`] },
  ],
  [
    "tests are unlike the examples",
    "unlike-tests",
    {
      tests: tests.map((line) =>
        line.replace(
          " =>",
          " and this is how it went on for a while, one thing after the other, until the evening came at last =>",
        ),
      ),
    },
  ],
  [
    "null is never tested",
    "null-untested",
    {
      returns: "string | null",
      instructions: "The name only, or null.",
      examples: names.map((name) => `this is ${name} => ${name}`),
      tests: names.map((name) => `here comes ${name} => ${name}`),
    },
  ],
];

test.each(plants)("planted: %s", (_, code, parts) => {
  const found = examine(spec(parts)).find((one) => one.code === code);
  expect(codes(spec(parts))).toContain(code);
  expect(found?.hint).not.toBe("");
  expect(found?.location).toMatchObject({ file: "tone.paw", line: expect.any(Number) });
});

test("labels that the program takes for each other are named, with the first such test", () => {
  const mixed = spec({});
  const polite = (count: number) => mixed.tests.map((_, i) => ({ output: i < count ? "polite" : "rude" }));
  expect(examine(mixed, testReport(mixed, polite(7)))).toEqual([]);
  expect(examine(mixed, testReport(mixed, polite(10)))).toMatchObject([
    {
      code: "labels-overlap",
      message: "5 of the 10 tests of polite and rude were answered with the other one of the two.",
      hint: expect.stringContaining("Leave me alone"),
    },
  ]);
});

describe("the playground's specs have no findings", () => {
  const files = ["node/src", "web/src"].flatMap((folder) =>
    readdirSync(join(playground, folder))
      .filter((name) => name.endsWith(".paw"))
      .map((name) => join(playground, folder, name)),
  );
  test.each(files)("%s", (file) => {
    expect(examine(readSpec(file).spec ?? expect.unreachable())).toEqual([]);
  });
});
