import { outputLabels } from "@unplugin-paw/program";
import type { Pair, Spec } from "@unplugin-paw/spec";
import type { Budget } from "./budget.ts";
import { meaningsOf } from "./describe.ts";
import type { TeacherModel } from "./model.ts";

/** The label of each input. */
export type Judge = (inputs: readonly Pair["input"][]) => Promise<string[]>;

/** Inputs that say nothing. */
const EMPTY = ["", "N/A", "..."];

/**
 * A model that shows its probabilities answers a spec of labels as the function itself: the instructions are its system
 * turn, the input is the user's. A small model has a liking for some label, whatever the input; so the label is the one
 * that the input makes more probable than others do on average (batch calibration, https://arxiv.org/abs/2309.17249):
 * inputs are written for each label in turn, so that none should have more than its share.
 *
 * @returns undefined for a spec of other outputs, and for a model that shows none
 */
export function judgeOf(
  { instructions, contract, descriptions = [] }: Spec,
  model: TeacherModel,
  budget: Budget,
  signal: AbortSignal,
): Judge | undefined {
  const labels = outputLabels(contract);
  const { rank } = model;
  if (!labels || !rank) return undefined;
  const form = `Answer with one of these only: ${labels.join(", ")}.`;
  const system = [instructions.trim(), meaningsOf(descriptions), form].filter((part) => part !== "").join("\n\n");
  const weigh = async (input: Pair["input"]): Promise<number[]> => {
    const user = typeof input === "string" ? input : JSON.stringify(input);
    const onRequest = () => budget.request({ system, user, maxTokens: 1, temperature: 0 });
    const { logProbabilities, tokens } = await rank({ system, user, options: labels }, { signal, onRequest });
    budget.answered({ text: "", tokens });
    return logProbabilities;
  };
  // What all inputs so far have in common; those that say nothing are where it begins.
  const sums = labels.map(() => 0);
  let seen = 0;
  const see = (found: readonly number[]) => {
    seen++;
    for (const [i, one] of found.entries()) sums[i] = (sums[i] as number) + one;
  };
  return async (inputs) => {
    if (seen === 0) for (const empty of EMPTY) see(await weigh(empty));
    const found: number[][] = [];
    for (const input of inputs) found.push(await weigh(input));
    found.forEach(see);
    return found.map((one) => {
      const gains = one.map((log, i) => log - (sums[i] as number) / seen);
      return labels[gains.indexOf(Math.max(...gains))] as string;
    });
  };
}

/** The distribution over what may come next behind some tokens, as logarithms of the probabilities of `candidates`. */
export type NextToken = (behind: readonly number[], candidates: readonly number[]) => Promise<number[]>;

/**
 * Log-probabilities of whole answers, each its tokens with the one that ends it: the product of its shares where answers
 * part, as the runtime weighs labels.
 */
export async function weighAnswers(answers: readonly (readonly number[])[], next: NextToken): Promise<number[]> {
  const sums = answers.map(() => 0);
  const weigh = async (behind: readonly number[], members: readonly number[]): Promise<void> => {
    const groups = new Map<number, number[]>();
    for (const i of members) {
      const token = answers[i]?.[behind.length];
      if (token !== undefined) groups.set(token, [...(groups.get(token) ?? []), i]);
    }
    const tokens = [...groups.keys()];
    if (tokens.length > 1) {
      const logs = await next(behind, tokens);
      const most = Math.max(...logs);
      const whole = most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
      for (const [k, token] of tokens.entries()) {
        for (const i of groups.get(token) as number[]) sums[i] = (sums[i] as number) + (logs[k] as number) - whole;
      }
    }
    for (const [token, group] of groups) if (group.length > 1) await weigh([...behind, token], group);
  };
  await weigh([], [...answers.keys()]);
  return sums;
}
