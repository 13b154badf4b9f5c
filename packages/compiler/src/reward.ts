import { chain, type KeyValues, type Session, type TreeToken } from "@unplugin-paw/interpreter/session";
import { type Contract, type Head, outputLabels, renderOutput } from "@unplugin-paw/program";
import {
  type Answer,
  answer,
  contractTrie,
  type Engine,
  inputTokens,
  scoreLabels,
} from "@unplugin-paw/runtime/internals";
import type { Shot } from "./prompt.ts";

/** A pair to be measured on: the value as given and the right answer's text. */
export interface Measured extends Shot {
  value: unknown;
}

/** Keys and values of a prompt: the prefix of a program. */
export async function prefill(session: Session, tokens: readonly number[]): Promise<KeyValues> {
  session.use(undefined);
  await session.append(chain(tokens), []);
  return session.snapshot(tokens.length);
}

/** Tokens a pass; the logits of every answer token are in memory at once, 0.2 MB each. */
const passTokens = 384;

/** Scores of closed labels behind a prefix, `[pairs][labels]`, as the decoder sees them, not calibrated. */
export async function labelScores(
  engine: Engine,
  contract: Contract,
  prefix: KeyValues,
  pairs: readonly Measured[],
  head?: Head,
): Promise<number[][]> {
  const trie = contractTrie(engine.interpreter, contract, outputLabels(contract) ?? []);
  const out: number[][] = [];
  for (const pass of byTokens(engine, pairs)) {
    engine.session.use(prefix);
    const inputs = pass.map(({ ids }) => ids);
    out.push(...(await scoreLabels(engine.session, inputs, trie, head)));
  }
  return out;
}

/** Of each pair, the mean log-probability of the right answer's tokens behind a prefix. */
export async function textLikelihoods(
  engine: Engine,
  prefix: KeyValues,
  pairs: readonly Measured[],
): Promise<number[]> {
  const out: number[] = [];
  for (const pass of byTokens(engine, pairs)) {
    engine.session.use(prefix);
    out.push(...(await passLikelihoods(engine, pass)));
  }
  return out;
}

/** Of each pair, 1 where a prefix answers it exactly, else 0. An answer that does not fit the contract is wrong. */
export async function correctness(
  engine: Engine,
  contract: Contract,
  prefix: KeyValues,
  pairs: readonly Measured[],
  answerTokens: number,
): Promise<number[]> {
  const program = {
    contract,
    prefix,
    calibration: { temperature: 1 },
    answerTokens,
  };
  const inputs = pairs.map(({ value }) => value);
  const answers = await answer(engine, program, inputs);
  return answers.map((found, i) => Number(isRight(contract, found, (pairs[i] as Measured).output)));
}

/** Whether an answer is the expected one, compared as the model would write both. */
export function isRight(contract: Contract, found: Answer, expected: string): boolean {
  // An abstaining classifier answers null, which is no answer that a pair could expect.
  return !found.error && found.value !== null && renderOutput(contract, found.value).trim() === expected.trim();
}

/** A pair and the tokens of its input. */
export interface Costed<Pair> {
  pair: Pair;
  ids: number[];
}

/** Cuts pairs into passes that fit the budget. */
export function byTokens<Pair extends Shot>(engine: Engine, pairs: readonly Pair[]): Costed<Pair>[][] {
  const passes: Costed<Pair>[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const pair of pairs) {
    const ids = inputTokens(engine.interpreter, pair.input);
    if (used + ids.length > passTokens) {
      passes.push([]);
      used = 0;
    }
    used += ids.length;
    (passes.at(-1) as Costed<Pair>[]).push({ pair, ids });
  }
  return passes;
}

/** Mean log-probability per answer token, the stop token counted, with the answer given (teacher forcing). */
async function passLikelihoods({ interpreter, session }: Engine, pass: readonly Costed<Measured>[]): Promise<number[]> {
  const { tokenizer, chat } = interpreter;
  const tokens: TreeToken[] = [];
  const wanted: number[] = [];
  const answers = pass.map(({ pair, ids }) => {
    const answer = [...tokenizer.encode(pair.output), tokenizer.special(chat.stop)];
    const place = tokens.length;
    // The last answer token need not be run: nothing follows it.
    tokens.push(...chain([...ids, ...answer.slice(0, -1)], -1, place));
    for (const i of answer.keys()) wanted.push(place + ids.length - 1 + i);
    return answer;
  });
  const logits = await session.append(tokens, wanted);
  let row = 0;
  return answers.map((answer) => {
    const sum = answer.reduce((total, id) => total + logProbability(logits[row++] as Float32Array, id), 0);
    return sum / answer.length;
  });
}

/** `log softmax(logits)[id]` */
export function logProbability(logits: Float32Array, id: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const value of logits) if (value > max) max = value;
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - max);
  return (logits[id] as number) - max - Math.log(sum);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Most tokens of an answer: four times the longest among the examples, between 32 and 256. A small model that has lost its way repeats
 * itself; this stops it after a fraction of a second.
 */
export function answerLimit({ interpreter: { tokenizer } }: Engine, answers: readonly string[]): number {
  const longest = Math.max(0, ...answers.map((text) => tokenizer.encode(text).length));
  return answers.length === 0 ? 256 : Math.min(256, Math.max(32, 4 * longest));
}
