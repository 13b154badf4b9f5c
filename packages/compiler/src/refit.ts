import type { KeyValues } from "@unplugin-paw/interpreter/session";
import { train } from "./continuous.ts";
import { type Material, withShots } from "./material.ts";
import type { Random } from "./random.ts";

/** What a stage decided: examples put behind the prefix, and how long it was trained then. */
export interface Decision {
  added: readonly number[];
  /** Steps of the whole schedule, of which `moment` are made. */
  steps: number;
  moment: number;
}

/**
 * Makes the program anew from all examples, as the stages decided: when nothing is left to be chosen, the measured ones may be learned
 * from too. Examples are few, and a third more of them is worth several points.
 *
 * @param start the prefix to start from, made from all examples
 */
export async function refit(
  material: Material,
  start: KeyValues,
  decisions: readonly Decision[],
  random: Random,
  onStep: (done: number, total: number) => void,
): Promise<KeyValues> {
  let prefix = start;
  let done = 0;
  const total = decisions.reduce((sum, { moment }) => sum + moment, 0);
  for (const { added, steps, moment } of decisions) {
    if (added.length > 0) prefix = await withShots(material, prefix, added);
    if (moment === 0) continue;
    await train(material, prefix, material.shots.keys(), {
      steps,
      checkAt: [moment],
      onCheck: async (trained) => {
        prefix = trained;
        return true;
      },
      onStep: () => onStep(++done, total),
      random,
    });
  }
  return prefix;
}
