import type { Random } from "./random.ts";
import type { Parameter } from "./trainer.ts";

/** Of each head of each layer, in their order: places in a prefix. All have as many. */
export type Places = readonly (readonly number[])[];

/**
 * Draws which vectors of a prefix a step sees: every head of every layer goes without others, so that none can learn an
 * answer by heart in a few of them (dropout, https://jmlr.org/papers/v15/srivastava14a.html, of the attended in place of
 * their weights). The first stays: it is where heads look that look for nothing (https://arxiv.org/abs/2309.17453).
 *
 * @param shape of the prefix's keys and of its values, `[layers, heads, tokens, headSize]`
 * @param share of the vectors that are left out, from 0 to 1
 * @example
 * drawPlaces([1, 2, 4, 64], 0.5, random); // [[0, 3], [0, 1]]
 */
export function drawPlaces(shape: Parameter["shape"], share: number, random: Random): Places {
  const [layers, heads, tokens] = shape as [number, number, number];
  const kept = Math.max(1, Math.round(tokens * (1 - share)));
  return Array.from({ length: layers * heads }, () => {
    const all = [...Array(tokens).keys()];
    if (kept === tokens) return all;
    // As many steps of a shuffle as there are places to keep.
    for (let i = 1; i < kept; i++) {
      const j = i + Math.floor(random() * (tokens - i));
      [all[i], all[j]] = [all[j] as number, all[i] as number];
    }
    return all.slice(0, kept);
  });
}

/** The vectors at the places: `[layers, heads, tokens, headSize]` to `[layers, heads, kept, headSize]`. */
export function pick({ shape, data }: Parameter, places: Places): Parameter {
  const [layers, heads, tokens, size] = shape as [number, number, number, number];
  const kept = places[0]?.length ?? 0;
  const picked = new Float32Array(layers * heads * kept * size);
  eachPair(places, tokens, (from, to) => picked.set(data.subarray(from * size, (from + 1) * size), to * size));
  return { shape: [layers, heads, kept, size], data: picked };
}

/** The reverse, of a gradient: what was left out has none. */
export function putBack({ data }: Parameter, places: Places, shape: Parameter["shape"]): Parameter {
  const [layers, heads, tokens, size] = shape as [number, number, number, number];
  const whole = new Float32Array(layers * heads * tokens * size);
  eachPair(places, tokens, (to, from) => whole.set(data.subarray(from * size, (from + 1) * size), to * size));
  return { shape, data: whole };
}

/** Each kept vector's number in the whole and among what is kept. */
function eachPair(places: Places, tokens: number, visit: (inWhole: number, inKept: number) => void): void {
  let inKept = 0;
  for (const [head, own] of places.entries()) for (const place of own) visit(head * tokens + place, inKept++);
}
