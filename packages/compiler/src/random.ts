import type { Random } from "@unplugin-paw/trainer";

export { type Random, seededRandom, shuffle } from "@unplugin-paw/trainer";

/** Standard Gumbel noise: the item with the highest `logit + gumbel` is a draw from the softmax of the logits. */
export function gumbel(random: Random): number {
  return -Math.log(-Math.log(Math.max(random(), Number.MIN_VALUE)));
}
