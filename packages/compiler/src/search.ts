import type { KeyValues } from "@unplugin-paw/interpreter/session";
import type { Plan } from "./effort.ts";
import { CompileError } from "./errors.ts";
import { type Material, type PseudoProgram, prefixOf } from "./material.ts";
import { neutralBias } from "./neutral.ts";
import { promptTokens, type Shot, wordings } from "./prompt.ts";
import { gumbel, type Random } from "./random.ts";
import { mean } from "./reward.ts";
import type { Fold } from "./split.ts";
import { decodeTexts, type Scores, scoreFold, type Validation, validation } from "./validation.ts";

/** Instructions may go beyond the budget, at the price of a larger program, up to here. */
const maxTokens = 1024;
/** Of the candidates, how many are compared by accuracy in the end. */
const finalists = 3;
/** From so many examples of labels on a prompt shows some: 8 are better hidden, the demo's 20 are better shown. */
const few = 12;
/** How far a candidate's advantage moves the policy's logits. */
const learningRate = 0.5;

/** A way to write the prompt: a wording and examples, by number, in order. */
interface Candidate {
  wording: number;
  shots: readonly number[];
}

/**
 * The chosen pseudo-program and how it did on pairs that it does not show; null where there was nothing to measure on.
 */
export interface Discrete {
  pseudoProgram: PseudoProgram;
  validation: Validation | null;
}

/**
 * The discrete stage: searches the pseudo-program (a wording and a choice of examples in an order) that makes the
 * frozen interpreter answer held-out pairs best.
 *
 * The search is a policy that learns: candidates are drawn in groups from one set of logits for wordings and one for
 * examples; a candidate's advantage is its log-likelihood relative to its group's mean and deviation, as in GRPO
 * (https://arxiv.org/abs/2402.03300), and moves the logits of what it used. The best by log-likelihood are then
 * compared by accuracy.
 *
 * @throws {CompileError} `TOO_LONG`
 */
export async function searchPrompt(
  material: Material,
  plan: Plan,
  random: Random,
  onCandidate: (done: number, total: number) => void,
): Promise<Discrete> {
  const { folds, labels } = material;
  const space = searchSpace(material, plan.promptTokens);
  const pseudoProgram = ({ wording, shots }: Candidate): PseudoProgram => ({
    instructions: space.wordings[wording] as string,
    shots,
  });
  // Nothing can be measured: the author's own words, the form of the answer, which was better on nearly all tasks where
  // it was, and all examples that there are.
  if (folds.length === 0) {
    const wording = Math.min(1, space.wordings.length - 1);
    const all = { wording, shots: space.fit(wording, [...material.shots.keys()]) };
    return { pseudoProgram: pseudoProgram(all), validation: null };
  }
  /** In each fold the prompt goes without the examples that it is measured on. */
  const validate = async (candidate: Candidate): Promise<Validation> => {
    const scores: Scores[] = [];
    let expected: number[] | undefined;
    for (const fold of folds) {
      const prefix = await prefixOf(material, pseudoProgram(candidate), fold);
      scores.push(await scoreFold(material, fold, prefix));
      if (labels) expected ??= await neutralBias(material, prefix);
    }
    return validation(material, scores, { bias: true, ...(expected && { expected }) });
  };

  const policy = new Policy(space, random);
  const shows = showsExamples(material, plan);
  const shown = shows ? pool(folds, space.shots.length) : [];
  // The same candidate may be drawn again.
  const tried = new Map<string, Tried>();
  // Of a few examples' labels the likelihood tells more than how many are right.
  const compared = shows ? Math.min(finalists, plan.groups * plan.groupSize) : 1;
  const total = plan.groups * plan.groupSize + (labels ? 0 : compared);
  for (let group = 0; group < plan.groups; group++) {
    const members: Tried[] = [];
    for (let member = 0; member < plan.groupSize; member++) {
      const candidate = policy.draw(shown);
      const name = JSON.stringify(candidate);
      const one = tried.get(name) ?? { candidate, validation: await validate(candidate) };
      tried.set(name, one);
      members.push(one);
      onCandidate(group * plan.groupSize + member + 1, total);
    }
    policy.learn(members);
  }

  const best = [...tried.values()]
    .sort((a, b) => b.validation.logLikelihood - a.validation.logLikelihood)
    .slice(0, compared);
  for (const [i, { candidate, validation }] of best.entries()) {
    if (validation.accuracy !== undefined) continue;
    const prefixes: KeyValues[] = [];
    for (const fold of folds) prefixes.push(await prefixOf(material, pseudoProgram(candidate), fold));
    Object.assign(validation, await decodeTexts(material, prefixes));
    onCandidate(plan.groups * plan.groupSize + i + 1, total);
  }
  // The sort is stable: equal accuracies leave the higher log-likelihood first.
  const [winner] = best.sort((a, b) => (b.validation.accuracy ?? 0) - (a.validation.accuracy ?? 0)) as [Tried];
  return { pseudoProgram: pseudoProgram(winner.candidate), validation: winner.validation };
}

/**
 * Few examples of labels are learned from, but not shown: in a prompt each speaks for its own label, of ten labels most
 * have none, and the instructions alone are the better start (docs/benchmarks.md). A draft, which learns nothing,
 * shows them.
 */
function showsExamples({ labels, shots }: Material, { steps }: Plan): boolean {
  return !labels || steps === 0 || shots.length >= few;
}

/** A candidate that was measured. */
interface Tried {
  candidate: Candidate;
  validation: Validation;
}

/** Examples that a prompt may show: the shown half of a single split; with cross-validation all of them. */
function pool(folds: readonly Fold[], count: number): number[] {
  return [...Array(count).keys()].filter((i) => folds.some(({ shown }) => shown.has(i)));
}

interface Space {
  wordings: string[];
  shots: readonly Shot[];
  /** The first examples of an order that fit the token budget behind a wording; one that is too long is left out. */
  fit(wording: number, order: readonly number[]): number[];
}

function searchSpace({ spec, engine: { interpreter }, shots }: Material, tokenBudget: number): Space {
  const overhead = promptTokens(interpreter, { instructions: "", shots: [] }).length;
  const costs = shots.map((shot) => promptTokens(interpreter, { instructions: "", shots: [shot] }).length - overhead);
  const all = wordings(spec).map((text) => ({
    text,
    cost: promptTokens(interpreter, { instructions: text, shots: [] }).length,
  }));
  const author = all[0] as (typeof all)[0];
  if (author.cost > maxTokens) {
    throw new CompileError(
      "TOO_LONG",
      `The instructions take ${author.cost} tokens; a program holds at most ${maxTokens}.`,
      "Shorten them (a token is about four characters of English) and let examples say the rest.",
      { file: spec.id, line: 1, column: 1 },
    );
  }
  const fitting = all.filter(({ cost }, i) => i === 0 || cost <= tokenBudget);
  return {
    wordings: fitting.map(({ text }) => text),
    shots,
    fit(wording, order) {
      let left = tokenBudget - (fitting[wording]?.cost ?? 0);
      return order.filter((i) => {
        const cost = costs[i] as number;
        if (cost > left) return false;
        left -= cost;
        return true;
      });
    },
  };
}

/** What the search has learned: a logit for each wording and for each example. */
class Policy {
  private readonly space: Space;
  private readonly random: Random;
  private readonly wordingLogits: number[];
  private readonly shotLogits: number[];

  constructor(space: Space, random: Random) {
    this.space = space;
    this.random = random;
    this.wordingLogits = space.wordings.map(() => 0);
    this.shotLogits = space.shots.map(() => 0);
  }

  /**
   * Draws a wording, then examples without replacement (Gumbel top-k), every output in turn so that no label is missing
   * while another comes twice.
   */
  draw(pool: readonly number[]): Candidate {
    const [wording] = this.ranked([...this.wordingLogits.keys()], this.wordingLogits) as [number];
    const queues = new Map<string, number[]>();
    for (const i of this.ranked(pool, this.shotLogits)) {
      const { output } = this.space.shots[i] as Shot;
      queues.set(output, [...(queues.get(output) ?? []), i]);
    }
    const order: number[] = [];
    for (let turn = 0; order.length < pool.length; turn++) {
      for (const queue of queues.values()) if (turn < queue.length) order.push(queue[turn] as number);
    }
    return { wording, shots: this.space.fit(wording, order) };
  }

  /** Moves the logits of what each candidate used by its advantage in the group. */
  learn(group: readonly Tried[]): void {
    const rewards = group.map(({ validation }) => validation.logLikelihood);
    const average = mean(rewards);
    const deviation = Math.sqrt(mean(rewards.map((reward) => (reward - average) ** 2))) || 1;
    for (const [i, { candidate }] of group.entries()) {
      const step = (learningRate * ((rewards[i] as number) - average)) / deviation;
      this.wordingLogits[candidate.wording] = (this.wordingLogits[candidate.wording] as number) + step;
      for (const i of candidate.shots) this.shotLogits[i] = (this.shotLogits[i] as number) + step;
    }
  }

  private ranked(items: readonly number[], logits: readonly number[]): number[] {
    const keys = new Map(items.map((i) => [i, (logits[i] as number) + gumbel(this.random)]));
    return [...items].sort((a, b) => (keys.get(b) as number) - (keys.get(a) as number));
  }
}
