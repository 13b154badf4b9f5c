import type { KeyValues } from "@unplugin-paw/interpreter/session";
import type { Head } from "@unplugin-paw/program";
import { trainContinuous } from "./continuous.ts";
import { type Plan, stepsFor } from "./effort.ts";
import { fitHead, fitHeads, scopeOf, scopesOf } from "./head.ts";
import { trainJoint } from "./joint.ts";
import { type Material, prefixOf } from "./material.ts";
import { neutralBias } from "./neutral.ts";
import type { Random } from "./random.ts";
import { type Decision, refit } from "./refit.ts";
import { searchPrompt } from "./search.ts";
import type { Stage } from "./stage.ts";
import { isBetter, isWorthKeeping, type Validation } from "./validation.ts";

/** How far the stages have come: candidates in `search`, steps in `train`. */
export type StageProgress = (stage: "search" | "train", done: number, total: number) => void;

/**
 * The stages of a compile, in order, each when it is done; the last one's prefix and head are the program. Every choice
 * is made on held-out examples, never on the spec's tests. The refit makes no choice, so it may learn from these too,
 * and has no validation of its own.
 */
export async function* runStages(
  material: Material,
  plan: Plan,
  random: Random,
  onProgress: StageProgress,
): AsyncGenerator<Stage, void> {
  const { folds, labels, shots } = material;
  const { pseudoProgram, validation } = await searchPrompt(material, plan, random, (done, total) =>
    onProgress("search", done, total),
  );
  const prefix = await prefixOf(material, pseudoProgram);
  // Where no pair can be measured, what the model thinks of labels by itself is taken back nevertheless.
  const bias = labels && !validation ? { bias: await neutralBias(material, prefix) } : {};
  let stage: Stage = { name: "discrete", pseudoProgram, prefix, validation, ...bias, own: validation, kept: true };
  yield stage;
  if (plan.steps === 0 || validation === null) return;

  const single = folds.length === 1;
  const steps = stepsFor(plan, material);
  const joins = single && plan.additions > 0;
  // With a refit of all that is trained; where a stage is dropped the end comes sooner.
  const total = steps.fold * folds.length + steps.refit + (joins ? 2 * steps.joint : 0);
  let done = 0;
  const onStep = () => onProgress("train", ++done, total);
  const starts: KeyValues[] = [];
  for (const fold of folds) starts.push(single ? prefix : await prefixOf(material, pseudoProgram, fold));
  /**
   * Each fold's, as they are kept. Only a single fold's is a program: the others' are made from parts of the examples.
   */
  let prefixes = starts;
  const decisions: Decision[] = [];
  const trained = await trainContinuous(material, starts, steps.fold, random, onStep);
  const trains = isWorthKeeping(trained.validation, validation);
  stage = { ...stage, name: "continuous", kept: trains, own: trained.validation };
  if (trains) {
    decisions.push({ added: [], steps: steps.refit });
    prefixes = trained.prefixes;
    stage = { ...stage, validation: trained.validation, prefix: single ? (prefixes[0] as KeyValues) : prefix };
  }
  yield stage;
  // Texts have more to learn than one training can: what a single fold has learned, all examples go on from. Labels are
  // pulled back to their start, which should not move.
  const refitStart = labels ? prefix : stage.prefix;

  if (joins) {
    const joint = await trainJoint(material, stage, { ...plan, steps: steps.joint }, random, onStep);
    const kept = joint !== undefined && isBetter(joint.validation, stage.validation as Validation);
    stage = { ...stage, name: "joint", kept, own: joint?.validation ?? null };
    if (kept) {
      const { added, validation } = joint;
      decisions.push({ added, steps: steps.joint });
      prefixes = joint.prefixes;
      const shown = [...pseudoProgram.shots, ...added];
      stage = {
        ...stage,
        pseudoProgram: { ...pseudoProgram, shots: shown },
        validation,
        prefix: prefixes[0] as KeyValues,
      };
    }
    yield stage;
  }

  // A head knows nothing of a label that it has not seen, and would speak against it.
  if (labels?.every((label) => shots.some(({ output }) => output === label))) {
    const fitted = await fitHeads(material, prefixes);
    const before = stage.validation as Validation;
    const kept = isWorthKeeping(fitted.validation, before);
    const bias = before.calibration?.bias !== undefined;
    // What a head says of labels may be no help; which inputs the function is for, nothing else says.
    const { heads, validation } = kept ? fitted : await scopesOf(material, prefixes, fitted.heads, { bias });
    stage = { ...stage, name: "head", kept, own: fitted.validation };
    stage = { ...stage, validation, ...(single && { head: heads[0] as Head }) };
    yield stage;
  }
  const isHeaded = stage.name === "head";
  if (decisions.length === 0 && !isHeaded) return;
  const final = await refit(material, refitStart, decisions, random, onStep);
  const fitted = isHeaded ? await fitHead(material, final, material.shots.keys(), { scope: true }) : undefined;
  const head = fitted && (stage.kept ? fitted : scopeOf(material, fitted));
  yield { ...stage, name: "refit", prefix: final, ...(head && { head }), kept: true, own: null };
}
