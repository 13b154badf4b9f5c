import type { Session, TreeToken } from "@unplugin-paw/interpreter/session";

export interface TextOptions {
  /** The token that ends an answer. */
  stop: number;
  /** Most tokens of an answer, the stop token not counted. */
  maxTokens: number;
  signal?: AbortSignal | undefined;
  /** Chooses the next token of an answer; default: the most probable. A grammar's mask goes here. */
  choose?: (logits: Float32Array, answer: readonly number[]) => number;
}

export interface TextAnswer {
  tokens: number[];
  /** False where the token limit cut it. */
  ended: boolean;
}

/**
 * Greedy decoding of several inputs at once: one pass over all inputs, then one pass for each further token of the longest
 * answer. Each answer is a chain of the tree, so they do not see each other.
 *
 * @param inputs token ids behind the prefix, of each input
 */
export async function decodeText(
  session: Session,
  inputs: readonly (readonly number[])[],
  options: TextOptions,
): Promise<TextAnswer[]> {
  const { stop, maxTokens, signal, choose = mostProbable } = options;
  const answers: TextAnswer[] = inputs.map(() => ({ tokens: [], ended: false }));
  const last: number[] = [];
  const prompt: TreeToken[] = [];
  const start = session.length;
  for (const ids of inputs) {
    for (const [i, id] of ids.entries()) prompt.push({ id, parent: i === 0 ? -1 : start + prompt.length - 1 });
    last.push(prompt.length - 1);
  }
  let logits = await session.append(prompt, last);
  let parents = last.map((place) => start + place);
  let active = inputs.map((_, i) => i);
  for (;;) {
    const next: number[] = [];
    const tokens: TreeToken[] = [];
    const base = session.length;
    for (const [row, i] of active.entries()) {
      const answer = answers[i] as TextAnswer;
      const id = choose(logits[row] as Float32Array, answer.tokens);
      if (id === stop) answer.ended = true;
      else if (answer.tokens.length < maxTokens) {
        answer.tokens.push(id);
        tokens.push({ id, parent: parents[row] as number });
        next.push(i);
      }
    }
    if (next.length === 0) return answers;
    signal?.throwIfAborted();
    logits = await session.append(
      tokens,
      tokens.map((_, row) => row),
    );
    parents = tokens.map((_, row) => base + row);
    active = next;
  }
}

/** The first of the highest. */
export function mostProbable(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[best] as number)) best = i;
  return best;
}
