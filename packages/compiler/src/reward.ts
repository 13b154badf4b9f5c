import { chain, type KeyValues, type Sequence, type TreeToken } from "@unplugin-paw/interpreter/session";
import type { Contract, Head } from "@unplugin-paw/program";
import {
  answerAll,
  answerChoices,
  type Decision,
  decisions,
  type Engine,
  inputTokens,
  passes,
  type Scored,
  scoreLabels,
} from "@unplugin-paw/runtime/decode";
import { learntAnswer } from "./length.ts";
import type { Material } from "./material.ts";
import type { Shot } from "./prompt.ts";
import { isRight } from "./report.ts";

/** What scores pairs behind a prefix. */
export interface Judge {
  engine: Engine;
  contract: Contract;
  prefix: KeyValues;
  signal?: AbortSignal | undefined;
}

/** An answer to a pair that the program was not made from. */
export interface Judged {
  /** Of the whole answer; of labels, of the most probable one. */
  probability: number;
  isRight: boolean;
}

/** Of each pair, scores of the closed labels as the decoder sees them, not calibrated. */
export async function labelScores(judge: Judge, pairs: readonly Shot[], head?: Head): Promise<Scored[]> {
  const { closed } = answerChoices(judge.engine.interpreter, judge.contract);
  if (!closed) return [];
  return await inPasses(
    judge,
    inputsOf(judge, pairs),
    ({ ids }) => ids.length,
    async (sequence, pass) => {
      const inputs = pass.map(({ ids }) => ids);
      return await scoreLabels(sequence, inputs, closed.trie, head);
    },
  );
}

/** Of each pair, the mean log-probability of the right answer's tokens. */
export async function textLikelihoods(judge: Judge, pairs: readonly Shot[]): Promise<number[]> {
  const { engine, contract } = judge;
  const { startOf } = answerChoices(engine.interpreter, contract);
  const items = pairs.map(({ input, output }) => {
    const ids = inputTokens(engine.interpreter, input);
    const answer = learntAnswer(engine.interpreter, contract, output);
    return { ids, answer, decisions: decisions(startOf(input), answer) };
  });
  // The logits of every answer token are in memory at once, 0.2 MB each.
  return await inPasses(judge, items, ({ ids, answer }) => ids.length + answer.length, passLikelihoods);
}

/** An input that is run, of a pair. */
export interface Input {
  ids: number[];
}

export function inputsOf({ engine: { interpreter } }: Pick<Judge, "engine">, pairs: readonly Shot[]): Input[] {
  return pairs.map(({ input }) => ({ ids: inputTokens(interpreter, input) }));
}

/**
 * Runs items behind the prefix, several a pass, and gives what `run` makes of each.
 *
 * @param cost tokens of an item, those of its answer included where they are run
 */
export async function inPasses<Item, Result>(
  { engine: { session }, prefix, signal }: Judge,
  items: readonly Item[],
  cost: (item: Item) => number,
  run: (sequence: Sequence, pass: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  const limits = { room: session.config.contextLength - prefix.tokens, reserve: 0 };
  for await (const pass of passes(items, cost, limits)) {
    signal?.throwIfAborted();
    const found = await session.use(async (sequence) => {
      sequence.begin(prefix);
      return await run(sequence, pass);
    });
    results.push(...found);
  }
  return results;
}

/**
 * What a prefix answers to each pair: whether that is exactly right, and how probable it was, without a temperature. An
 * answer that does not fit the contract is wrong, and of no probability.
 */
export async function judgeTexts(
  { engine, contract, prefix, signal }: Judge,
  pairs: readonly Shot[],
  { answerTokens, verbatim }: Pick<Material, "answerTokens" | "verbatim">,
): Promise<Judged[]> {
  // Inputs as the model sees them, whatever the function takes: they are rendered already.
  const program = {
    contract: { ...contract, input: { kind: "string" } } as const,
    prefix,
    calibration: { temperature: 1, ...(verbatim && { verbatim }) },
    answerTokens,
  };
  const inputs = pairs.map(({ input }) => input);
  const answers = await answerAll(engine, program, inputs, signal);
  return answers.map((found, i) => ({
    probability: (!found.error && found.certainty?.probability) || 0,
    isRight: isRight(contract, found, (pairs[i] as Shot).output),
  }));
}

/** Mean log-probability per answer token, the stop token counted, with the answer given (teacher forcing). */
async function passLikelihoods(
  sequence: Sequence,
  pass: readonly { ids: number[]; answer: number[]; decisions: Decision[] }[],
): Promise<number[]> {
  const tokens: TreeToken[] = [];
  const wanted: number[] = [];
  for (const { ids, answer, decisions } of pass) {
    const start = tokens.length;
    // What stands behind the last decision need not be run: it decides nothing.
    tokens.push(...chain([...ids, ...answer.slice(0, decisions.at(-1)?.place)], -1, start));
    for (const { place } of decisions) wanted.push(start + ids.length - 1 + place);
  }
  const logits = await sequence.append(tokens, wanted);
  let row = 0;
  return pass.map(({ answer, decisions }) => {
    const sum = decisions.reduce(
      (total, { token, among }) => total + logProbability(logits[row++] as Float32Array, token, among),
      0,
    );
    return sum / answer.length;
  });
}

/**
 * `log softmax(logits)[id]`
 *
 * @param among tokens that the probability is shared among; default: the whole vocabulary
 */
export function logProbability(logits: Float32Array, id: number, among?: readonly number[]): number {
  const rivals = among ? Float32Array.from(among, (token) => logits[token] as number) : logits;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of rivals) if (value > max) max = value;
  let sum = 0;
  for (const value of rivals) sum += Math.exp(value - max);
  return (logits[id] as number) - max - Math.log(sum);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
