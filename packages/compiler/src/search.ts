import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { outputLabels } from "@unplugin-paw/program";
import type { Engine } from "@unplugin-paw/runtime/internals";
import type { Spec } from "@unplugin-paw/spec";
import { type Calibration, crossValidate, fitCalibration } from "./calibration.ts";
import { CompileError } from "./errors.ts";
import { type Prompt, promptTokens, type Shot, toShot, wordings } from "./prompt.ts";
import { gumbel, type Random } from "./random.ts";
import { answerLimit, correctness, labelScores, type Measured, mean, prefill, textLikelihoods } from "./reward.ts";
import { type Fold, splitExamples } from "./split.ts";

/** Vectors of a prefix: 256 make 3 MB, the most that a program should take. */
const tokenBudget = 256;
/** Instructions may go beyond the budget, at the price of a larger program, up to here. */
const maxTokens = 1024;
/** Candidates are compared within a group; the policy moves after each group. */
const groups = 3;
const groupSize = 8;
/** Of the candidates, how many are compared by accuracy in the end. */
const finalists = 3;
/** How far a candidate's advantage moves the policy's logits. */
const learningRate = 0.5;

/** A way to write the prompt: a wording and examples, by number, in order. */
interface Candidate {
  wording: number;
  shots: readonly number[];
}

/** The chosen pseudo-program and how it did on pairs that it does not show. */
export interface Discrete {
  prompt: Prompt;
  tokens: number[];
  calibration: { temperature: number; bias?: number[] };
  answerTokens: number;
  /** Share of the validation pairs answered exactly; null where there was nothing to measure on. */
  validation: number | null;
}

/**
 * The discrete stage: searches the pseudo-program (a wording and a choice of examples in an order) that makes the frozen
 * interpreter answer held-out pairs best.
 *
 * The search is a policy that learns: candidates are drawn in groups from one set of logits for wordings and one for examples; a
 * candidate's advantage is its log-likelihood relative to its group's mean and deviation, as in GRPO
 * (https://arxiv.org/abs/2402.03300), and moves the logits of what it used. The best by log-likelihood are then compared by accuracy.
 *
 * @throws {CompileError} `TOO_LONG`
 */
export async function searchPrompt(
  spec: Spec,
  engine: Engine,
  random: Random,
  onCandidate: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Discrete> {
  const space = searchSpace(spec, engine);
  const folds = splitExamples(
    space.shots.map(({ output }) => output),
    random,
  );
  const prompt = ({ wording, shots }: Candidate): Prompt => ({
    instructions: space.wordings[wording] as string,
    shots: shots.map((i) => space.shots[i] as Shot),
  });
  const answerTokens = answerLimit(
    engine,
    space.shots.map(({ output }) => output),
  );
  const finish = (
    candidate: Candidate,
    validation: number | null,
    calibration: Discrete["calibration"] = { temperature: 1 },
  ): Discrete => {
    const tokens = promptTokens(engine.interpreter, prompt(candidate));
    return { prompt: prompt(candidate), tokens, calibration, answerTokens, validation };
  };
  const policy = new Policy(space, random);
  // Nothing can be measured: the author's own words, and all examples that there are.
  if (folds.length === 0) return finish({ wording: 0, shots: space.fit(0, [...space.shots.keys()]) }, null);

  /** Scores of all measured pairs; in each fold the prompt goes without the examples that it is measured on. */
  const overFolds = async <T>(
    { wording, shots }: Candidate,
    score: (prefix: KeyValues, pairs: Measured[]) => Promise<T[]>,
  ): Promise<T[]> =>
    await engine.session.exclusive(async () => {
      signal?.throwIfAborted();
      const all: T[] = [];
      for (const { shown, measured } of folds) {
        const visible = prompt({ wording, shots: shots.filter((i) => shown.has(i)) });
        const prefix = await prefill(engine.session, promptTokens(engine.interpreter, visible));
        const pairs = measured.map((i) => ({ ...(space.shots[i] as Shot), value: spec.examples[i]?.input }));
        all.push(...(await score(prefix, pairs)));
      }
      return all;
    });
  const labels = outputLabels(spec.contract);
  const targets = folds.flatMap(({ measured }) =>
    measured.map((i) => labels?.indexOf(space.shots[i]?.output ?? "") ?? -1),
  );

  const tried: Tried[] = [];
  const total = groups * groupSize + (labels ? 0 : finalists);
  for (let group = 0; group < groups; group++) {
    const members: Tried[] = [];
    for (let member = 0; member < groupSize; member++) {
      const candidate = policy.draw(pool(folds, space.shots.length));
      if (labels) {
        const scores = await overFolds(candidate, (prefix, pairs) => labelScores(engine, spec.contract, prefix, pairs));
        const { logLikelihood, accuracy } = crossValidate(scores, targets);
        members.push({
          candidate,
          reward: logLikelihood,
          validation: accuracy,
          calibration: fitCalibration(scores, targets),
        });
      } else {
        const likelihoods = await overFolds(candidate, (prefix, pairs) => textLikelihoods(engine, prefix, pairs));
        members.push({ candidate, reward: mean(likelihoods) });
      }
      onCandidate(group * groupSize + member + 1, total);
    }
    policy.learn(members);
    tried.push(...members);
  }

  const best = tried.sort((a, b) => b.reward - a.reward).slice(0, finalists);
  for (const [i, finalist] of best.entries()) {
    if (finalist.validation !== undefined) continue;
    finalist.validation = mean(
      await overFolds(finalist.candidate, (prefix, pairs) =>
        correctness(engine, spec.contract, prefix, pairs, answerTokens),
      ),
    );
    onCandidate(groups * groupSize + i + 1, total);
  }
  // The sort is stable: equal accuracies leave the higher log-likelihood first.
  const [winner] = best.sort((a, b) => (b.validation ?? 0) - (a.validation ?? 0)) as [Tried];
  return finish(winner.candidate, winner.validation ?? null, winner.calibration);
}

/** A candidate that was measured. */
interface Tried {
  candidate: Candidate;
  /** Mean log-likelihood of the right answers. */
  reward: number;
  /** Share of right answers; for texts, which have to be decoded, only of finalists. */
  validation?: number;
  calibration?: Calibration;
}

/** Examples that a prompt may show: the shown half of a single split; with cross-validation all of them. */
function pool(folds: readonly Fold[], count: number): number[] {
  return [...Array(count).keys()].filter((i) => folds.some(({ shown }) => shown.has(i)));
}

interface Space {
  wordings: string[];
  shots: Shot[];
  /** The first examples of an order that fit the token budget behind a wording; one that is too long is left out. */
  fit(wording: number, order: readonly number[]): number[];
}

function searchSpace(spec: Spec, engine: Engine): Space {
  const { interpreter } = engine;
  const shots = spec.examples.map((pair) => toShot(spec.contract, pair));
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
   * Draws a wording, then examples without replacement (Gumbel top-k), every output in turn so that no label is missing while
   * another comes twice.
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
  learn(group: readonly { candidate: Candidate; reward: number }[]): void {
    const rewards = group.map(({ reward }) => reward);
    const average = mean(rewards);
    const deviation = Math.sqrt(mean(rewards.map((reward) => (reward - average) ** 2))) || 1;
    for (const { candidate, reward } of group) {
      const step = (learningRate * (reward - average)) / deviation;
      this.wordingLogits[candidate.wording] = (this.wordingLogits[candidate.wording] as number) + step;
      for (const i of candidate.shots) this.shotLogits[i] = (this.shotLogits[i] as number) + step;
    }
  }

  private ranked(items: readonly number[], logits: readonly number[]): number[] {
    const keys = new Map(items.map((i) => [i, (logits[i] as number) + gumbel(this.random)]));
    return [...items].sort((a, b) => (keys.get(b) as number) - (keys.get(a) as number));
  }
}
