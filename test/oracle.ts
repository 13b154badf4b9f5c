import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { fetchModel, findCard } from "@unplugin-paw/interpreter";
import { chain, type Session } from "@unplugin-paw/interpreter/session";
import { anyText, generate } from "@unplugin-paw/runtime/decode";
import { getLlama, type Llama, type LlamaContextSequence, LlamaLogLevel, type Token } from "node-llama-cpp";

/**
 * The interpreter's GGUF, kept for the oracle: the user's store drops it once it is converted. llama.cpp reads the same
 * file, so what tests and benchmarks compare is two programs over the same numbers.
 */
export async function oracleFile(): Promise<string> {
  const path = fileURLToPath(new URL("../node_modules/.cache/paw-oracle", import.meta.url));
  return await fetchModel(findCard(), { path });
}

/** llama.cpp on the CPU, from its ready-made binary. */
export async function openLlama(maxThreads: number): Promise<Llama> {
  return await getLlama({
    gpu: false,
    build: "never",
    maxThreads,
    logLevel: LlamaLogLevel.error,
    progressLogs: false,
  });
}

/**
 * A sequence of llama.cpp on the CPU, with the GGUF loaded. The number of threads is named: left to itself,
 * node-llama-cpp takes minutes for what two threads do in a fifth of a second here.
 *
 * @param path of the GGUF; default: the interpreter's
 */
export async function openOracle(contextSize = 512, path?: string): Promise<LlamaContextSequence> {
  const threads = availableParallelism();
  const llama = await openLlama(threads);
  const model = await llama.loadModel({ modelPath: path ?? (await oracleFile()) });
  const context = await model.createContext({
    contextSize,
    batchSize: 512,
    threads,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
  });
  return context.getSequence();
}

/** Greedy answers of at most `length` tokens by llama.cpp, which ends one at the stop token. */
export async function oracleAnswers(
  oracle: LlamaContextSequence,
  prompts: readonly number[][],
  length: number,
): Promise<number[][]> {
  const answers: number[][] = [];
  for (const prompt of prompts) {
    await oracle.clearHistory();
    const answer: number[] = [];
    for await (const token of oracle.evaluate(prompt as Token[], { temperature: 0 })) {
      answer.push(token);
      if (answer.length === length) break;
    }
    answers.push(answer);
  }
  return answers;
}

/** The same by a graph of ours. */
export async function greedyAnswers(
  session: Session,
  prompts: readonly number[][],
  options: { stop: number; maxTokens: number },
): Promise<number[][]> {
  const answers: number[][] = [];
  // Eight at a time: branches of one tree do not see each other.
  for (let first = 0; first < prompts.length; first += 8) {
    const part = await session.use(async (sequence) => {
      sequence.begin();
      const starts = prompts.slice(first, first + 8).map((ids) => ({ ids, choices: anyText }));
      return await generate(sequence, starts, options);
    });
    answers.push(...part.map(({ tokens }) => tokens));
  }
  return answers;
}

/**
 * How much a graph of ours prefers its own token to llama.cpp's where an answer parts from it, in logits; 0 where none
 * does. llama.cpp rounds what it multiplies to int8, so answers part where two tokens are nearly as likely.
 */
export async function preference(
  session: Session,
  prompt: readonly number[],
  answer: readonly number[],
  theirs: readonly number[],
  stop: number,
): Promise<number> {
  const place = answer.findIndex((id, i) => id !== theirs[i]);
  const at = place >= 0 ? place : answer.length;
  const [mine, other] = [answer[at] ?? stop, theirs[at] ?? stop];
  if (mine === other) return 0;
  const ids = [...prompt, ...answer.slice(0, at)];
  const [logits] = await session.use(async (sequence) => {
    sequence.begin();
    return await sequence.append(chain(ids), [ids.length - 1]);
  });
  return (logits?.[mine] as number) - (logits?.[other] as number);
}
