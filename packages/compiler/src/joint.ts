import { type Training, trainContinuous } from "./continuous.ts";
import type { Plan } from "./effort.ts";
import { type Material, shotTokens, withShots } from "./material.ts";
import { type Random, shuffle } from "./random.ts";
import type { Fold } from "./split.ts";
import type { Stage } from "./stage.ts";
import { scoreFold, type Validation, validation } from "./validation.ts";

/**
 * The joint stage: chooses more of the discrete half under the trained prefix, then trains both on. Candidates are
 * examples that the prompt does not show yet, as turns behind the trained prefix; those that do best on the measured
 * examples are trained on.
 *
 * @returns undefined where no example fits
 */
export async function trainJoint(
  material: Material,
  { prefix, pseudoProgram }: Stage,
  plan: Plan,
  random: Random,
  onStep: () => void,
): Promise<(Training & { added: number[] }) | undefined> {
  const [fold] = material.folds as [Fold];
  const hidden = [...fold.shown].filter((i) => !pseudoProgram.shots.includes(i));
  let best: { added: number[]; prefix: Stage["prefix"]; found: Validation } | undefined;
  for (let candidate = 0; candidate < plan.additions; candidate++) {
    let room = plan.jointTokens - prefix.tokens;
    const added = shuffle(hidden, random).filter((i) => {
      const cost = shotTokens(material, i).length;
      if (cost > room) return false;
      room -= cost;
      return true;
    });
    if (added.length === 0) continue;
    const extended = await withShots(material, prefix, added);
    const found = validation(material, [await scoreFold(material, fold, extended)], { bias: false });
    if (!best || found.logLikelihood > best.found.logLikelihood) best = { added, prefix: extended, found };
  }
  if (!best) return undefined;
  const training = await trainContinuous(material, [best.prefix], plan.steps, random, onStep);
  return { ...training, added: best.added };
}
