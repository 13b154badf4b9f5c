import { spawnSync } from "node:child_process";
import { programMeta } from "@unplugin-paw/compiler";
import { promptTokens } from "@unplugin-paw/compiler/internals";
import { findCard, openInterpreter } from "@unplugin-paw/interpreter";
import { encodeProgram, type OutputContract, type Program } from "@unplugin-paw/program";
import { program } from "@unplugin-paw/runtime";
import { type Choices, type Engine, generate, inputTokens } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { openOracle } from "../test/oracle.ts";
import type { Options } from "./options.ts";
import { median, printTable, writeResults } from "./report.ts";

const answerTokens = 10;
const rounds = 31;
const batches = [1, 8, 32];

/** Prompts of the usual size (some 200 tokens), and an input of 30. */
const input =
  "Great, another charger that gets hot enough to fry an egg on it, and of course the shop says that this is quite normal for it.";
const labels = {
  instructions: "Decide whether a product review is positive, negative or neutral. Sarcasm counts as what is meant.",
  shots: [
    ["The zipper broke on the second day and the shop never answered my messages.", "negative"],
    ["Exactly what I hoped for, and it arrived a day early.", "positive"],
    ["It does the job, nothing more and nothing less.", "neutral"],
    ["My kids fight over who gets to use it first. Worth every cent.", "positive"],
    ["The manual is for another model and the battery lasts an hour.", "negative"],
    ["Comes in a brown box with a cable.", "neutral"],
    ["I have bought three of them by now, one for each room of the house.", "positive"],
    ["Returned it after a week of trying to make it work.", "negative"],
  ],
};
const extraction = {
  instructions: "Copy the part of the review that says what the product does wrong.",
  shots: [
    ["The zipper, sadly, broke on the second day of our trip.", "broke on the second day of our trip"],
    ["A lamp that flickers whenever the fridge starts, thanks a lot.", "flickers whenever the fridge starts"],
    ["The manual is for another model and the battery lasts an hour.", "the battery lasts an hour"],
    ["Nice colour, but the lid does not close properly any more.", "the lid does not close properly any more"],
    ["The kettle leaks hot water over the table, and nobody answers.", "leaks hot water over the table"],
    ["I would return it, since the screen goes dark in the cold.", "the screen goes dark in the cold"],
  ],
};

function promptOf(
  { tokenizer, chat }: Pick<Engine["interpreter"], "tokenizer" | "chat">,
  task: typeof labels,
): number[] {
  const shots = task.shots.map(([input, output]) => ({ input: input as string, output: output as string }));
  return promptTokens({ tokenizer, chat } as Engine["interpreter"], { instructions: task.instructions, shots });
}

async function makeProgram(engine: Engine, task: typeof labels, output: OutputContract): Promise<Program> {
  return {
    name: "bench",
    interpreter: { id: engine.interpreter.id, digest: engine.interpreter.digest },
    spec: { digest: "bench" },
    compiler: { version: "bench", effort: "bench", seed: 0 },
    contract: { input: { kind: "string" }, output },
    pseudoProgram: "",
    prefix: await engine.session.prefill(promptOf(engine.interpreter, task)),
    calibration: { temperature: 1 },
    answerTokens: 64,
    scores: { stages: [], tests: null },
    licence: "Apache-2.0",
  };
}
/**
 * One token after another, of which none stands in the input: there is nothing to copy, and each takes a pass of its
 * own.
 */
const unlike = (token: number): Choices => ({ next: [token], after: () => unlike(token + 1) });

/** What llama.cpp runs, too. */
const plain = { id: "smollm2-135m-instruct" };

const callable = (made: Program) => program(encodeProgram(made), programMeta(made));

/** Milliseconds a call beside llama.cpp on the same GGUF with its prompt evaluated and kept, in turn in one process. */
export default async function call({ child }: Options): Promise<void> {
  if (child) return await startUp(child);
  const starts = Object.fromEntries(["ours", "llama.cpp"].map((which) => [which, spawnChild(which)]));

  const engine = await sharedEngine(plain);
  const { tokenizer } = engine.interpreter;
  const sentiment = callable(
    await makeProgram(engine, labels, { kind: "labels", labels: ["positive", "negative", "neutral"] }),
  );
  const extracting = await makeProgram(engine, extraction, { kind: "string" });
  const extract = callable(extracting);
  const prompts = { label: promptOf(engine.interpreter, labels), text: promptOf(engine.interpreter, extraction) };
  const ids = inputTokens(engine.interpreter, input);
  const llama = { label: await llamaSequence(prompts.label), text: await llamaSequence(prompts.text) };
  const answer = await extract(input);
  const answered = tokenizer.encode(answer).length;
  await sentiment(input);

  const kinds = ["label", "copied text", "free text"] as const;
  const times: Record<string, number[]> = {};
  const time = async (name: string, run: () => Promise<unknown>) => {
    const start = performance.now();
    await run();
    times[name] = [...(times[name] ?? []), performance.now() - start];
  };
  for (let round = 0; round < rounds; round++) {
    await time("ours label", () => sentiment(input));
    await time("llama label", () => continueLlama(llama.label, prompts.label.length, ids, 1));
    await time("ours copied text", () => extract(input));
    // The same answer and its end.
    await time("llama copied text", () => continueLlama(llama.text, prompts.text.length, ids, answered + 1));
    await time("ours free text", async () => {
      const options = { stop: -1, maxTokens: answerTokens - 1 };
      await engine.session.use(async (sequence) => {
        sequence.begin(extracting.prefix);
        const start = { ids: inputTokens(engine.interpreter, input), choices: unlike(5_000) };
        await generate(sequence, [start], options);
      });
    });
    await time("llama free text", () => continueLlama(llama.text, prompts.text.length, ids, answerTokens));
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)])) as Record<
    string,
    number
  >;
  const ratio = (kind: string) =>
    median((times[`ours ${kind}`] ?? []).map((ours, i) => ours / (times[`llama ${kind}`]?.[i] ?? 1)));
  console.log(
    `Prompts of ${prompts.label.length} and ${prompts.text.length} tokens, input of ${ids.length} with the turn's end; median of ${rounds}, ratio pair by pair.`,
  );
  console.log(`Copied text: ${JSON.stringify(answer)}, ${answered} tokens. Free text: ${answerTokens} tokens.\n`);
  printTable(
    ["call", "unplugin-paw ms", "llama.cpp ms", "ratio"],
    kinds.map((kind) => [kind, ms(medians[`ours ${kind}`]), ms(medians[`llama ${kind}`]), ratio(kind).toFixed(2)]),
  );
  console.log();
  printTable(
    ["own process", "start to first answer ms", "memory MB"],
    Object.entries(starts).map(([which, { ms: time, megabytes }]) => [which, ms(time), megabytes.toFixed(0)]),
  );

  const throughput: Record<number, number> = {};
  for (const size of batches) {
    const inputs = Array.from({ length: size }, () => input);
    const each: number[] = [];
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      await sentiment.batch(inputs);
      each.push((size * 1000) / (performance.now() - start));
    }
    throughput[size] = median(each);
  }
  console.log();
  printTable(
    ["batch", "labels a second"],
    Object.entries(throughput).map(([size, value]) => [size, value.toFixed(1)]),
  );
  const ratios = Object.fromEntries(kinds.map((kind) => [kind, ratio(kind)]));
  writeResults("call", { medians, ratios, starts, throughput });
  process.exit(0);
}

const ms = (value: number | undefined) => (value ?? Number.NaN).toFixed(1);

/** A sequence that has the prompt evaluated. */
async function llamaSequence(prompt: readonly number[]): Promise<LlamaContextSequence> {
  const sequence = await openOracle(1024);
  await sequence.evaluateWithoutGeneratingNewTokens(prompt as Token[]);
  return sequence;
}

/** Back to the prompt, then the input and `count` greedy tokens. */
async function continueLlama(
  sequence: LlamaContextSequence,
  prompt: number,
  ids: readonly number[],
  count: number,
): Promise<void> {
  await sequence.eraseContextTokenRanges([{ start: prompt, end: sequence.nextTokenIndex }]);
  let left = count;
  for await (const _ of sequence.evaluate(ids as Token[], { temperature: 0 })) if (--left === 0) break;
}

interface Start {
  ms: number;
  megabytes: number;
}

/** Start-up and memory, each engine in a process of its own: from the import to the first answer. */
function spawnChild(which: string): Start {
  const args = [...process.execArgv, process.argv[1] as string, "call", "--child", which];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`${which}: ${stderr}`);
  return JSON.parse(line);
}

async function startUp(which: string): Promise<void> {
  if (which === "ours") {
    const engine = await sharedEngine(plain);
    await callable(await makeProgram(engine, labels, { kind: "labels", labels: ["positive", "negative", "neutral"] }))(
      input,
    );
  } else {
    const interpreter = await openInterpreter({ card: findCard(plain.id) });
    const prompt = promptOf(interpreter, labels);
    await continueLlama(await llamaSequence(prompt), prompt.length, inputTokens(interpreter, input), 1);
  }
  const start: Start = { ms: performance.now(), megabytes: process.memoryUsage().rss / 1e6 };
  console.log(JSON.stringify(start));
  process.exit(0);
}
