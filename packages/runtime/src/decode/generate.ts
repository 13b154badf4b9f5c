import { type AppendOptions, chain, type Sequence, type TreeToken } from "@unplugin-paw/interpreter/session";
import type { Choices } from "./choices.ts";
import { guessNext } from "./lookup.ts";

export interface GenerateOptions extends AppendOptions {
  /** What may follow the input. */
  start: Choices;
  /** The token that ends an answer. */
  stop: number;
  /** Most tokens of an answer, the stop token not counted. */
  maxTokens: number;
}

export interface Generated {
  tokens: number[];
  /** False where the token limit cut it. */
  ended: boolean;
}

/** An answer under way. */
interface Writing extends Generated {
  input: readonly number[];
  /** What may follow its tokens. */
  choices: Choices;
  /** The token that comes next; chosen, not run. */
  next: number;
  /** Number of the last token that was run, in the sequence's tree. */
  last: number;
}

/**
 * Greedy decoding of several inputs at once: one pass over all inputs, then passes in which each unfinished answer runs its next
 * token, followed by a guess at what comes after it; the model's own choices say how much of the guess stands. Each answer is a branch
 * of the tree, so they do not see each other, and what was guessed wrong is a dead branch.
 *
 * @param inputs token ids behind the prefix, of each input
 */
export async function generate(
  sequence: Sequence,
  inputs: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<Generated[]> {
  const { start, pause } = options;
  const prompt: TreeToken[] = [];
  const ends: number[] = [];
  const base = sequence.length;
  for (const ids of inputs) {
    prompt.push(...chain(ids, -1, base + prompt.length));
    ends.push(prompt.length - 1);
  }
  const first = await sequence.append(prompt, ends, options);
  const answers = inputs.map(
    (input, i): Writing => ({
      input,
      tokens: [],
      ended: false,
      choices: start,
      next: mostProbable(first[i] as Float32Array, start.next),
      last: base + (ends[i] as number),
    }),
  );
  for (let active = answers.filter((answer) => goesOn(answer, options)); active.length > 0; ) {
    await pause?.();
    await advance(sequence, active, options);
    active = active.filter((answer) => goesOn(answer, options));
  }
  return answers.map(({ tokens, ended }) => ({ tokens, ended }));
}

/** Whether an answer needs another pass. */
function goesOn(answer: Writing, { stop, maxTokens }: GenerateOptions): boolean {
  answer.ended = answer.next === stop;
  return !answer.ended && answer.tokens.length < maxTokens;
}

/** One pass: every answer grows by its next token and by as much of its guess as the model would have chosen. */
async function advance(
  sequence: Sequence,
  answers: readonly Writing[],
  { stop, maxTokens }: GenerateOptions,
): Promise<void> {
  const base = sequence.length;
  const tokens: TreeToken[] = [];
  const branches = answers.map(({ input, tokens: answer, next, last }) => {
    const room = maxTokens - answer.length - 1;
    const ids = [next, ...guessNext([...input, ...answer, next]).slice(0, room)];
    const start = tokens.length;
    tokens.push(...chain(ids, last, base + start));
    return { ids, start };
  });
  const logits = await sequence.append(tokens, [...tokens.keys()]);
  for (const [i, answer] of answers.entries()) {
    const { ids, start } = branches[i] as (typeof branches)[0];
    for (const [place, id] of ids.entries()) {
      // The first is what the model chose; a guess stands if it is what the model chose by now, and the answer goes on.
      if (id !== answer.next || id === stop) break;
      answer.tokens.push(id);
      answer.last = base + start + place;
      answer.choices = answer.choices.after(id);
      answer.next = mostProbable(logits[start + place] as Float32Array, answer.choices.next);
    }
  }
}

/**
 * The first of the highest.
 *
 * @param among tokens that may be it; default: all
 */
export function mostProbable(logits: Float32Array, among?: readonly number[]): number {
  if (among) return among.reduce((best, id) => ((logits[id] as number) > (logits[best] as number) ? id : best));
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[best] as number)) best = i;
  return best;
}
