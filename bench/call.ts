import { spawnSync } from "node:child_process";
import { programMeta } from "@unplugin-paw/compiler";
import { prefill, promptTokens } from "@unplugin-paw/compiler/internals";
import { encodeProgram, type Program } from "@unplugin-paw/program";
import { program } from "@unplugin-paw/runtime";
import { decodeText, type Engine, inputTokens, sharedEngine } from "@unplugin-paw/runtime/internals";
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { openOracle } from "../test/oracle.ts";
import { median, printTable, writeResults } from "./report.ts";
import type { Options } from "./run.ts";

const answerTokens = 10;
const rounds = 31;
const batches = [1, 8, 32];

/** A prompt of the usual size (some 200 tokens) and an input of 30. */
const shots = [
  ["The zipper broke on the second day and the shop never answered my messages.", "negative"],
  ["Exactly what I hoped for, and it arrived a day early.", "positive"],
  ["It does the job, nothing more and nothing less.", "neutral"],
  ["My kids fight over who gets to use it first. Worth every cent.", "positive"],
  ["The manual is for another model and the battery lasts an hour.", "negative"],
  ["Comes in a brown box with a cable.", "neutral"],
  ["I have bought three of them by now, one for each room of the house.", "positive"],
  ["Returned it after a week of trying to make it work.", "negative"],
].map(([input, output]) => ({ input: input as string, output: output as string }));
const instructions =
  "Decide whether a product review is positive, negative or neutral. Sarcasm counts as what is meant.";
const input =
  "Great, another charger that gets hot enough to fry an egg on it, and of course the shop says that this is quite normal for it.";

async function makeProgram(engine: Engine): Promise<{ made: Program; tokens: number[] }> {
  const tokens = promptTokens(engine.interpreter, { instructions, shots });
  const prefix = await prefill(engine.session, tokens);
  const { layers, kvHeads: heads, headSize } = engine.session.config;
  const made: Program = {
    name: "sentiment",
    interpreter: engine.interpreter,
    spec: { digest: "bench" },
    compiler: { version: "bench", seed: 0 },
    contract: { input: { kind: "string" }, output: { kind: "labels", labels: ["positive", "negative", "neutral"] } },
    pseudoProgram: "",
    prefix: { layers, heads, headSize, ...prefix },
    calibration: { temperature: 1 },
    answerTokens: 64,
    scores: { stages: [], tests: null },
    licence: "Apache-2.0",
  };
  return { made, tokens };
}

/** Milliseconds a call beside llama.cpp on the same GGUF with its prompt evaluated and kept, in turn in one process. */
export default async function call({ child }: Options): Promise<void> {
  if (child) return await startUp(child);
  const starts = Object.fromEntries(["ours", "llama.cpp"].map((which) => [which, spawnChild(which)]));

  const engine = await sharedEngine();
  const { made, tokens } = await makeProgram(engine);
  const sentiment = program(encodeProgram(made), programMeta(made));
  const ids = inputTokens(engine.interpreter, input);
  const llama = await llamaSequence(tokens);
  await sentiment(input);

  const times: Record<string, number[]> = { "ours label": [], "llama label": [], "ours text": [], "llama text": [] };
  const time = async (name: string, run: () => Promise<unknown>) => {
    const start = performance.now();
    await run();
    times[name]?.push(performance.now() - start);
  };
  for (let round = 0; round < rounds; round++) {
    await time("ours label", () => sentiment(input));
    await time("llama label", () => generate(llama, tokens.length, ids, 1));
    await time("ours text", async () => {
      engine.session.use(made.prefix);
      // No token ends the answer, so that it has its ten tokens whatever the model says.
      await decodeText(engine.session, [inputTokens(engine.interpreter, input)], {
        stop: -1,
        maxTokens: answerTokens - 1,
      });
    });
    await time("llama text", () => generate(llama, tokens.length, ids, answerTokens));
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)])) as Record<
    string,
    number
  >;
  const ratio = (kind: string) =>
    median((times[`ours ${kind}`] ?? []).map((ours, i) => ours / (times[`llama ${kind}`]?.[i] ?? 1)));
  console.log(
    `Prompt of ${tokens.length} tokens, input of ${ids.length} with the turn's end; median of ${rounds}, ratio pair by pair\n`,
  );
  printTable(
    ["call", "unplugin-paw ms", "llama.cpp ms", "ratio"],
    [
      ["closed labels", ms(medians["ours label"]), ms(medians["llama label"]), ratio("label").toFixed(2)],
      [`text, ${answerTokens} tokens`, ms(medians["ours text"]), ms(medians["llama text"]), ratio("text").toFixed(2)],
    ],
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
  writeResults("call", { medians, ratios: { label: ratio("label"), text: ratio("text") }, starts, throughput });
}

const ms = (value: number | undefined) => (value ?? Number.NaN).toFixed(1);

/** A sequence that has the prompt evaluated. */
async function llamaSequence(prompt: readonly number[]): Promise<LlamaContextSequence> {
  const sequence = await openOracle(1024);
  await sequence.evaluateWithoutGeneratingNewTokens(prompt as Token[]);
  return sequence;
}

/** Back to the prompt, then the input and `count` greedy tokens. */
async function generate(
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
    const engine = await sharedEngine();
    const { made } = await makeProgram(engine);
    await program(encodeProgram(made), programMeta(made))(input);
  } else {
    const engine = await import("@unplugin-paw/interpreter").then(({ openInterpreter }) => openInterpreter());
    const prompt = promptTokens(engine, { instructions, shots });
    await generate(await llamaSequence(prompt), prompt.length, inputTokens(engine, input), 1);
  }
  const start: Start = { ms: performance.now(), megabytes: process.memoryUsage().rss / 1e6 };
  console.log(JSON.stringify(start));
  process.exit(0);
}
