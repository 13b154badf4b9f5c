import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { refit, trainContinuous } from "./continuous.ts";
import type { Plan } from "./effort.ts";
import { addShots } from "./joint.ts";
import { type Material, type PseudoProgram, prefixOf } from "./material.ts";
import type { Random } from "./random.ts";
import { searchPrompt } from "./search.ts";
import type { Fold } from "./split.ts";
import type { Validation } from "./validation.ts";

/** What a stage came to. */
export interface Stage {
  name: "discrete" | "continuous" | "joint" | "refit";
  pseudoProgram: PseudoProgram;
  prefix: KeyValues;
  /** Of that prefix; null where there was nothing to measure on. */
  validation: Validation | null;
  /** False where the stage did no better than what was before: then pseudo-program, prefix and validation are as they were. */
  kept: boolean;
  /** How the stage itself did, kept or not; null where that was not measured. */
  own: Validation | null;
}

/** How far the stages have come: candidates in `search`, steps in `train`. */
export type StageProgress = (stage: "search" | "train", done: number, total: number) => void;

/**
 * The stages of a compile, in order, each when it is done; the last one's prefix is the program. Every choice is made on held-out
 * examples, never on the spec's tests. The refit makes no choice, so it may learn from these too, and has no validation of its own.
 */
export async function* runStages(
  material: Material,
  plan: Plan,
  random: Random,
  onProgress: StageProgress,
): AsyncGenerator<Stage, void> {
  const onStep = (done: number, total: number) => onProgress("train", done, total);
  const { pseudoProgram, validation } = await searchPrompt(material, plan, random, (done, total) =>
    onProgress("search", done, total),
  );
  const prefix = await prefixOf(material, pseudoProgram);
  let stage: Stage = { name: "discrete", pseudoProgram, prefix, validation, own: validation, kept: true };
  yield stage;
  if (plan.steps === 0 || validation === null) return;

  // Folds are several small trainings instead of a long one.
  const single = material.folds.length === 1;
  const steps = single ? plan.steps : Math.round(plan.steps / 2);
  const start = async (fold?: Fold) => (fold && !single ? await prefixOf(material, pseudoProgram, fold) : prefix);
  const trained = await trainContinuous(material, start, validation, steps, random, onStep);
  stage = { name: "continuous", pseudoProgram, ...trained };
  yield stage;
  if (!single) return;

  if (plan.additions > 0) {
    const joint = await addShots(material, stage, plan, random, onStep);
    stage = joint.kept ? { name: "joint", ...joint } : { ...stage, name: "joint", kept: false, own: joint.own };
    yield stage;
  }
  if (trained.kept || stage.kept) {
    const prefix = await refit(material, stage.prefix, plan.steps, random, onStep);
    yield { ...stage, name: "refit", prefix, kept: true, own: null };
  }
}
