import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { trainContinuous } from "./continuous.ts";
import type { Plan } from "./effort.ts";
import { trainJoint } from "./joint.ts";
import { type Material, type PseudoProgram, prefixOf } from "./material.ts";
import type { Random } from "./random.ts";
import { type Decision, refit } from "./refit.ts";
import { searchPrompt } from "./search.ts";
import { isBetter, type Validation } from "./validation.ts";

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
  const { folds } = material;
  const { pseudoProgram, validation } = await searchPrompt(material, plan, random, (done, total) =>
    onProgress("search", done, total),
  );
  const prefix = await prefixOf(material, pseudoProgram);
  let stage: Stage = { name: "discrete", pseudoProgram, prefix, validation, own: validation, kept: true };
  yield stage;
  if (plan.steps === 0 || validation === null) return;

  // Folds are several small trainings instead of a long one.
  const single = folds.length === 1;
  const steps = single ? plan.steps : Math.round(plan.steps / 2);
  const joins = single && plan.additions > 0;
  // With a refit of all that is trained; where a stage is dropped the end comes sooner.
  const total = steps * (folds.length + 1) + (joins ? 2 * steps : 0);
  let done = 0;
  const onStep = () => onProgress("train", ++done, total);
  const starts: KeyValues[] = [];
  for (const fold of folds) starts.push(single ? prefix : await prefixOf(material, pseudoProgram, fold));
  const trained = await trainContinuous(material, starts, steps, random, onStep);
  const decisions: Decision[] = [];
  const kept = isBetter(trained.validation, validation);
  const [own] = trained.prefixes as [KeyValues];
  stage = { ...stage, name: "continuous", kept, own: trained.validation };
  if (kept) {
    decisions.push({ added: [], steps });
    stage = { ...stage, validation: trained.validation, prefix: single ? own : prefix };
  }
  yield stage;

  if (joins) {
    const joint = await trainJoint(material, stage, plan, random, onStep);
    const kept = joint !== undefined && isBetter(joint.validation, stage.validation as Validation);
    stage = { ...stage, name: "joint", kept, own: joint?.validation ?? null };
    if (kept) {
      const { added, validation, prefixes } = joint;
      decisions.push({ added, steps });
      const shots = [...pseudoProgram.shots, ...added];
      stage = { ...stage, pseudoProgram: { ...pseudoProgram, shots }, validation, prefix: prefixes[0] as KeyValues };
    }
    yield stage;
  }
  if (decisions.length === 0) return;
  const final = await refit(material, prefix, decisions, random, onStep);
  yield { ...stage, name: "refit", prefix: final, kept: true, own: null };
}
