import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { train } from "./continuous.ts";
import { type Material, withShots } from "./material.ts";
import type { Random } from "./random.ts";

/** What a stage decided: examples put behind the prefix, and steps of training then. */
export interface Decision {
  added: readonly number[];
  steps: number;
}

/**
 * Does on all examples what the stages decided: when nothing is left to be chosen, the measured ones may be learned from
 * too. Examples are few, and a third more of them is worth several points.
 *
 * @param start the prefix to start from
 */
export async function refit(
  material: Material,
  start: KeyValues,
  decisions: readonly Decision[],
  random: Random,
  onStep: () => void,
): Promise<KeyValues> {
  let prefix = start;
  for (const { added, steps } of decisions) {
    if (added.length > 0) prefix = await withShots(material, prefix, added);
    prefix = await train(material, prefix, material.shots.keys(), { steps, onStep, random });
  }
  return prefix;
}
