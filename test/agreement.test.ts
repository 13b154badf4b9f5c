import { mkdtempSync, rmSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@unplugin-paw/graph";
import { chain, type Onnxruntime, Session } from "@unplugin-paw/interpreter/session";
import { decodeText, type Engine, sharedEngine } from "@unplugin-paw/runtime/internals";
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llamaConfig } from "../packages/interpreter/src/config.ts";
import { readGguf } from "../packages/interpreter/src/gguf.ts";
import { llamaGraph } from "../packages/interpreter/src/graph.ts";
import { floatFormat } from "../packages/interpreter/src/linear.ts";
import { llamaTensors } from "../packages/interpreter/src/weights.ts";
import { openOracle, oracleFile } from "./oracle.ts";

const answerLength = 10;

/** A hundred prompts: tasks of the kinds that people write specs for, each over several inputs. */
const tasks: [string, string[]][] = [
  ["What is the capital of this country?", ["France", "Japan", "Egypt", "Canada", "Peru"]],
  [
    "Is this review positive or negative?",
    ["I loved it.", "It broke at once.", "Best purchase this year!", "Never again.", "Meh, but cheap."],
  ],
  ["Write the plural of the word.", ["mouse", "city", "box", "child", "potato"]],
  ["Translate to French.", ["good morning", "the cat", "thank you", "where is the station?", "I am tired"]],
  [
    "Extract the year.",
    ["Born in 1984 in Leeds", "since March 2019", "© 2021 Acme", "from 1999 to date", "the class of '07, in 2007"],
  ],
  [
    "Answer the customer politely.",
    ["Where is my order?", "I want a refund.", "Your app crashes.", "How do I change my plan?", "Thanks, that worked!"],
  ],
  [
    "Continue the story.",
    ["Once upon a time", "The door opened and", "It was raining when", "She looked at the map and", "Nobody knew that"],
  ],
  [
    "Fix the grammar.",
    ["He go to school.", "I has two cat.", "They was late", "She dont like it", "Me and him goes home"],
  ],
  ["Name three of them.", ["fruits", "planets", "rivers in Europe", "colours", "programming languages"]],
  [
    "Summarise in one sentence.",
    [
      "The meeting was moved to Friday because the room was taken.",
      "Sales rose by 4 % in spring, then fell again.",
      "The cat sat on the mat all day.",
      "We tested three designs and kept the second.",
      "Rain is expected in the north, sun in the south.",
    ],
  ],
  [
    "Write a line of code.",
    [
      "print hello in Python",
      "reverse a list in JavaScript",
      "count rows in SQL",
      "a for loop in C",
      "read a file in Go",
    ],
  ],
  [
    "Is it true?",
    [
      "The sun is a star.",
      "Fish can fly to the moon.",
      "Water boils at 100 degrees.",
      "Two plus two is five.",
      "Bees make honey.",
    ],
  ],
  ["Give the opposite.", ["hot", "early", "to win", "always", "expensive"]],
  [
    "Which department should handle this?",
    [
      "My card was charged twice",
      "I forgot my password",
      "The package is damaged",
      "Can I speak to a manager?",
      "I want to cancel",
    ],
  ],
  ["Explain to a child.", ["gravity", "rain", "money", "the internet", "sleep"]],
  [
    "Reply with a number only.",
    ["3 + 4", "ten minus two", "half of 50", "how many legs has a spider?", "days in a week"],
  ],
  [
    "Write a title for it.",
    [
      "a blog post about sourdough",
      "a film about two robots",
      "a song about the sea",
      "a talk about tests",
      "a book on trees",
    ],
  ],
  [
    "Extract the name.",
    ["Dear Ms. Alvarez,", "This is Tom from sales", "Regards, Priya Nair", "cc: bob@example.com", "Call me Ishmael."],
  ],
  [
    "Rewrite in the past tense.",
    ["I walk home.", "She sings well.", "They are here.", "We eat at noon.", "He buys bread."],
  ],
  [
    "Tag the topic.",
    [
      "The bank raised its rates.",
      "The striker scored twice.",
      "A new phone was shown.",
      "The senate voted.",
      "Scientists found water on Mars.",
    ],
  ],
];

let engine: Engine;
let float: Session;
let oracle: LlamaContextSequence;
let folder: string;
const prompts: number[][] = [];
const expected: number[][] = [];

beforeAll(async () => {
  engine = await sharedEngine();
  const { tokenizer, chat } = engine.interpreter;
  for (const [task, inputs] of tasks) {
    for (const input of inputs) {
      const text = [chat.system, task, chat.end, chat.user, input, chat.end, chat.assistant];
      prompts.push(
        text.flatMap((part, i) => (i % 3 === 1 && i < 6 ? tokenizer.encode(part) : tokenizer.encodeTemplate(part))),
      );
    }
  }
  float = await openFloat();
  const { model } = await openOracle();
  const context = await model.createContext({ contextSize: 512, batchSize: 512 });
  oracle = context.getSequence();
  for (const prompt of prompts) {
    await oracle.clearHistory();
    const answer: number[] = [];
    for await (const token of oracle.evaluate(prompt as Token[], { temperature: 0 })) {
      answer.push(token);
      if (answer.length === answerLength) break;
    }
    expected.push(answer);
  }
}, 600_000);

afterAll(async () => {
  await float?.release();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The same graph with every weight in float32, multiplied by plain operators. */
async function openFloat(): Promise<Session> {
  const gguf = await readGguf(await oracleFile(), "llama");
  const config = llamaConfig(gguf.metadata);
  const { model, data } = encodeModel(await llamaGraph(config, llamaTensors(gguf, config), floatFormat), {
    dataFile: "float.data",
  });
  folder = mkdtempSync(join(tmpdir(), "paw-float-"));
  await writeFile(join(folder, "float.onnx"), model);
  const file = await open(join(folder, "float.data"), "w");
  for (const piece of data()) await file.writeFile(piece);
  await file.close();
  return await Session.open(ort as unknown as Onnxruntime, join(folder, "float.onnx"), config);
}

/** Greedy answers of ten tokens; llama.cpp ends one at the stop token, so both do. */
async function greedy(session: Session, inputs: readonly number[][]): Promise<number[][]> {
  const answers: number[][] = [];
  const stop = engine.interpreter.tokenizer.special("<|im_end|>");
  // Eight at a time: branches of one tree do not see each other.
  for (let first = 0; first < inputs.length; first += 8) {
    session.use(undefined);
    const part = await decodeText(session, inputs.slice(first, first + 8), { stop, maxTokens: answerLength });
    answers.push(...part.map(({ tokens }) => tokens));
  }
  return answers;
}

/** In how many answers do all tokens agree? One that the other side ended by a token of its own is cut there by both. */
function agreeing(answers: readonly number[][]): number {
  return answers.filter((answer, i) => answer.join() === expected[i]?.join()).length;
}

describe("against llama.cpp on the same GGUF", () => {
  it("gives the same greedy answers from the float graph", async () => {
    expect(prompts).toHaveLength(100);
    const answers = await greedy(float, prompts);
    const [graph, run] = [agreeing(answers), agreeing(await greedy(engine.session, prompts))];
    console.log(
      `greedy ${answerLength}-token answers equal to llama.cpp's: float graph ${graph}, run graph ${run} of 100`,
    );
    expect(graph).toBeGreaterThanOrEqual(90);
    expect(run).toBeGreaterThanOrEqual(90);
  }, 300_000);
});

describe("a program's prefix", () => {
  it("gives the same answers as its text prompt, alone and in a batch", async () => {
    const shared = prompts[0]?.slice(0, 12) ?? [];
    const { session } = engine;
    const stop = engine.interpreter.tokenizer.special("<|im_end|>");
    const options = { stop, maxTokens: answerLength };
    const inputs = prompts.slice(0, 12).map((prompt) => prompt.slice(4));
    const asText = await greedy(
      session,
      inputs.map((input) => [...shared, ...input]),
    );
    session.use(undefined);
    await session.append(chain(shared), []);
    const prefix = session.snapshot(shared.length);
    const alone: number[][] = [];
    for (const input of inputs) {
      session.use(prefix);
      alone.push((await decodeText(session, [input], options))[0]?.tokens ?? []);
    }
    session.use(prefix);
    const batch = (await decodeText(session, inputs, options)).map(({ tokens }) => tokens);
    expect(alone).toEqual(asText);
    expect(batch).toEqual(asText);
  });
});
