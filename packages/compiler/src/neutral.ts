import type { KeyValues } from "@unplugin-paw/interpreter/session";
import type { Material } from "./material.ts";
import { labelScores, mean } from "./reward.ts";

/** Inputs that say nothing, as in https://arxiv.org/abs/2102.09690. */
const neutral = ["N/A", "[MASK]", ""];

/**
 * The bias that takes back what a model thinks of labels before it has read anything (contextual calibration, same
 * place): behind a prefix, inputs that say nothing get all labels alike. It needs no example; from examples a better
 * one is fitted.
 *
 * @returns of each label, 0 on average
 */
export async function neutralBias({ engine, spec, signal }: Material, prefix: KeyValues): Promise<number[]> {
  const judge = { engine, contract: spec.contract, prefix, signal };
  const rows = await labelScores(
    judge,
    neutral.map((input) => ({ input, output: "" })),
  );
  const likings = (rows[0]?.scores ?? []).map((_, label) => mean(rows.map(({ scores }) => scores[label] as number)));
  const average = mean(likings);
  return likings.map((liking) => average - liking);
}
