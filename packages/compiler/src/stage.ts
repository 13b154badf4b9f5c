import type { KeyValues } from "@unplugin-paw/interpreter/session";
import type { Head } from "@unplugin-paw/program";
import { type Calibration, fitTextTemperature } from "./calibration.ts";
import type { Material, PseudoProgram } from "./material.ts";
import type { Validation } from "./validation.ts";

/** What a stage came to. */
export interface Stage {
  name: "discrete" | "continuous" | "joint" | "head" | "refit";
  pseudoProgram: PseudoProgram;
  prefix: KeyValues;
  /** Of closed labels. */
  head?: Head;
  /** Of these; null where there was nothing to measure on. */
  validation: Validation | null;
  /** Of closed labels where there was nothing to measure on: a bias from inputs that say nothing (`neutral.ts`). */
  bias?: number[];
  /**
   * False where the stage did not help what was before: then pseudo-program, prefix and validation are as they were. Of
   * a head the scope stays, which moves no label before another.
   */
  kept: boolean;
  /** How the stage itself did, kept or not; null where that was not measured. */
  own: Validation | null;
}

/** How the scores of a stage's program become probabilities. */
export function calibrationOf(
  { validation, bias }: Pick<Stage, "validation" | "bias">,
  { verbatim }: Pick<Material, "verbatim">,
): Calibration {
  if (validation?.calibration) return validation.calibration;
  // Of texts, where they were decoded.
  const temperature = validation?.answers ? fitTextTemperature(validation.answers) : 1;
  return { temperature, ...(bias && { bias }), ...(verbatim && { verbatim }) };
}
