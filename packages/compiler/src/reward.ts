import { chain, type KeyValues, type Session, type TreeToken } from "@unplugin-paw/interpreter/session";
import { type Contract, type Head, outputLabels } from "@unplugin-paw/program";
import { answer, contractTrie, type Engine, inputTokens, scoreLabels } from "@unplugin-paw/runtime/internals";
import { learntAnswer } from "./length.ts";
import type { Shot } from "./prompt.ts";
import { isRight } from "./report.ts";

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
  pairs: readonly Shot[],
  head?: Head,
): Promise<number[][]> {
  const trie = contractTrie(engine.interpreter, contract, outputLabels(contract) ?? []);
  const out: number[][] = [];
  for (const pass of byTokens(engine, pairs, "inputs")) {
    engine.session.use(prefix);
    const inputs = pass.map(({ ids }) => ids);
    out.push(...(await scoreLabels(engine.session, inputs, trie, head)));
  }
  return out;
}

/** Of each pair, the mean log-probability of the right answer's tokens behind a prefix. */
export async function textLikelihoods(engine: Engine, prefix: KeyValues, pairs: readonly Shot[]): Promise<number[]> {
  const out: number[] = [];
  for (const pass of byTokens(engine, pairs, "with answers")) {
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
  pairs: readonly Shot[],
  answerTokens: number,
): Promise<number[]> {
  // Inputs as the model sees them, whatever the function takes: they are rendered already.
  const program = {
    contract: { ...contract, input: { kind: "string" } } as const,
    prefix,
    calibration: { temperature: 1 },
    answerTokens,
  };
  const inputs = pairs.map(({ input }) => input);
  const answers = await answer(engine, program, inputs);
  return answers.map((found, i) => Number(isRight(contract, found, (pairs[i] as Shot).output)));
}

/** The tokens of a pair's input, and of its answer where that is run too. */
export interface Costed {
  ids: number[];
  answer: number[];
}

/** Cuts pairs into passes that fit the budget, by the tokens of their inputs and, where answers are run too, of these. */
export function byTokens(engine: Engine, pairs: readonly Shot[], answers: "with answers" | "inputs"): Costed[][] {
  const { interpreter } = engine;
  const passes: Costed[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const { input, output } of pairs) {
    const ids = inputTokens(interpreter, input);
    const answer = answers === "inputs" ? [] : learntAnswer(interpreter, output);
    const cost = ids.length + answer.length;
    if (used + cost > passTokens) {
      passes.push([]);
      used = 0;
    }
    used += cost;
    (passes.at(-1) as Costed[]).push({ ids, answer });
  }
  return passes;
}

/** Mean log-probability per answer token, the stop token counted, with the answer given (teacher forcing). */
async function passLikelihoods({ session }: Engine, pass: readonly Costed[]): Promise<number[]> {
  const tokens: TreeToken[] = [];
  const wanted: number[] = [];
  for (const { ids, answer } of pass) {
    const place = tokens.length;
    // The last answer token need not be run: nothing follows it.
    tokens.push(...chain([...ids, ...answer.slice(0, -1)], -1, place));
    for (const i of answer.keys()) wanted.push(place + ids.length - 1 + i);
  }
  const logits = await session.append(tokens, wanted);
  let row = 0;
  return pass.map(({ answer }) => {
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
