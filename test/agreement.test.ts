import { mkdtempSync, rmSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel, fusedMatMul, type Graph, gather, type Value } from "@unplugin-paw/graph";
import { type Onnxruntime, Session } from "@unplugin-paw/interpreter/session";
import { anyText, type Engine, generate } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { LlamaContextSequence } from "node-llama-cpp";
import ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llamaConfig, readWeights, type StoredWeight } from "../packages/interpreter/src/architectures.ts";
import { dequantise } from "../packages/interpreter/src/dequantise.ts";
import { readGguf } from "../packages/interpreter/src/gguf.ts";
import type { LinearSeam } from "../packages/interpreter/src/llama.ts";
import { runGraph } from "../packages/interpreter/src/run-graph.ts";
import { greedyAnswers, openOracle, oracleAnswers, oracleFile, preference } from "./oracle.ts";
import { prompts as oraclePrompts } from "./oracle-prompts.ts";

const answerLength = 10;

let engine: Engine;
let float: Session;
let oracle: LlamaContextSequence;
let folder: string;
const prompts: number[][] = [];
const expected: number[][] = [];

beforeAll(async () => {
  engine = await sharedEngine({ id: "smollm2-135m-instruct" });
  prompts.push(...oraclePrompts(engine.interpreter));
  float = await openFloat();
  oracle = await openOracle();
  expected.push(...(await oracleAnswers(oracle, prompts, answerLength)));
}, 600_000);

afterAll(async () => {
  await float?.release();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The same graph with every weight in float32, multiplied by plain operators. */
async function openFloat(): Promise<Session> {
  const gguf = await readGguf(await oracleFile(), "llama");
  const config = llamaConfig(gguf.metadata, "llama");
  const stored = await readWeights(gguf, config, "llama");
  const { model, data } = encodeModel(
    runGraph(config, (g) => floatWeights(g, stored)),
    { dataFile: "float.data" },
  );
  folder = mkdtempSync(join(tmpdir(), "paw-float-"));
  await writeFile(join(folder, "float.onnx"), model);
  const file = await open(join(folder, "float.data"), "w");
  for (const piece of data()) await file.writeFile(piece);
  await file.close();
  return await Session.open(ort as unknown as Onnxruntime, join(folder, "float.onnx"), config);
}

function floatWeights(g: Graph, stored: ReadonlyMap<string, StoredWeight>): LinearSeam {
  const made = new Map<string, Value>();
  const weight = (name: string): Value => {
    const { type, shape, bytes } = stored.get(name) as StoredWeight;
    const value = made.get(name) ?? g.weight(name, "float32", shape, dequantise(type, bytes));
    made.set(name, value);
    return value;
  };
  return {
    has: (name) => stored.has(name),
    linear: (x, name) => g.add(fusedMatMul, [x, weight(name)], { transB: 1 }),
    lookUp: (ids, name) => g.add(gather, [weight(name), ids], { axis: 0 }),
    vector: weight,
  };
}

/** Greedy answers of ten tokens. */
async function greedy(session: Session, inputs: readonly number[][]): Promise<number[][]> {
  const stop = engine.interpreter.tokenizer.special("<|im_end|>");
  return await greedyAnswers(session, inputs, { stop, maxTokens: answerLength });
}

/**
 * In how many answers do all tokens agree? One that the other side ended by a token of its own is cut there by both.
 */
function agreeing(answers: readonly number[][]): number {
  return answers.filter((answer, i) => answer.join() === expected[i]?.join()).length;
}

/** How much the float graph prefers its own token to llama.cpp's where an answer parts from it. */
async function gap(which: number, answer: readonly number[]): Promise<number> {
  const stop = engine.interpreter.tokenizer.special("<|im_end|>");
  return await preference(float, prompts[which] as number[], answer, expected[which] as number[], stop);
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
    // Where they part, both tokens are nearly as likely: llama.cpp rounds what it multiplies to int8.
    for (const [i, answer] of answers.entries()) expect(await gap(i, answer)).toBeLessThan(1);
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
    const prefix = await session.prefill(shared);
    const behind = async (inputs: readonly number[][]) =>
      await session.use(async (sequence) => {
        sequence.begin(prefix);
        const starts = inputs.map((ids) => ({ ids, choices: anyText }));
        return (await generate(sequence, starts, options)).map(({ tokens }) => tokens);
      });
    const alone: number[][] = [];
    for (const input of inputs) alone.push(...(await behind([input])));
    const batch = await behind(inputs);
    expect(alone).toEqual(asText);
    expect(batch).toEqual(asText);
  });
});
