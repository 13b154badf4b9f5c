import { chain } from "@unplugin-paw/interpreter/session";
import { trainContinuous } from "./continuous.ts";
import type { Plan } from "./effort.ts";
import type { Material } from "./material.ts";
import { promptTokens, type Shot } from "./prompt.ts";
import { type Random, shuffle } from "./random.ts";
import type { Fold } from "./split.ts";
import type { Stage } from "./stages.ts";
import { scoreFold, textAccuracy, type Validation, validation } from "./validation.ts";

type Program = Pick<Stage, "pseudoProgram" | "prefix" | "validation">;

/**
 * The joint stage: chooses more of the discrete half under the trained prefix, then trains both on. Candidates are examples that the
 * prompt does not show yet, as turns behind the trained prefix; the one that does best on the measured examples is trained on.
 *
 * @returns the better program, or that of before with `kept` false
 */
export async function addShots(
  material: Material,
  before: Program,
  plan: Plan,
  random: Random,
  onStep: (done: number, total: number) => void,
): Promise<Program & Pick<Stage, "kept" | "own">> {
  const [fold] = material.folds as [Fold];
  const hidden = [...fold.shown].filter((i) => !before.pseudoProgram.shots.includes(i));
  let best: Program | undefined;
  for (let candidate = 0; candidate < plan.additions; candidate++) {
    const extended = await extend(material, before, shuffle(hidden, random), plan.jointTokens);
    if (!extended) continue;
    const scores = await scoreFold(material, fold, extended.prefix);
    const found = validation(material, [scores], { bias: false });
    if (!best || found.logLikelihood > (best.validation as Validation).logLikelihood) {
      best = { ...extended, validation: found };
    }
  }
  if (!best?.validation) return { ...before, kept: false, own: null };
  const { prefix, pseudoProgram } = best;
  const trained = await trainContinuous(
    material,
    async () => prefix,
    best.validation,
    Math.round(plan.steps / 2),
    random,
    onStep,
  );
  const own = trained.validation;
  if (own.accuracy === undefined) own.accuracy = await textAccuracy(material, [trained.prefix]);
  if (own.logLikelihood <= (before.validation as Validation).logLikelihood) return { ...before, kept: false, own };
  return { pseudoProgram, prefix: trained.prefix, validation: own, kept: true, own };
}

/** The prefix with as many examples behind it as fit; undefined where none does. */
async function extend(
  { engine, shots }: Material,
  { prefix, pseudoProgram }: Program,
  order: readonly number[],
  budget: number,
): Promise<Pick<Program, "prefix" | "pseudoProgram"> | undefined> {
  const { session, interpreter } = engine;
  // The prefix ends with the opening of the user's turn, so every example begins with its input and ends with another opening.
  const opening = promptTokens(interpreter, { instructions: "", shots: [] });
  const tokens: number[] = [];
  const added: number[] = [];
  for (const i of order) {
    const turn = promptTokens(interpreter, { instructions: "", shots: [shots[i] as Shot] }).slice(opening.length);
    if (prefix.tokens + tokens.length + turn.length > budget) continue;
    tokens.push(...turn);
    added.push(i);
  }
  if (added.length === 0) return undefined;
  const extended = await session.exclusive(async () => {
    session.use(prefix);
    await session.append(chain(tokens), []);
    return session.snapshot(tokens.length);
  });
  return { prefix: extended, pseudoProgram: { ...pseudoProgram, shots: [...pseudoProgram.shots, ...added] } };
}
