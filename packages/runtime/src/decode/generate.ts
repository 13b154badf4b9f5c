import { type AppendOptions, chain, type Sequence, type TreeToken } from "@unplugin-paw/interpreter/session";
import { logProbability } from "./certainty.ts";
import type { Choices } from "./choices.ts";
import { guessNext } from "./lookup.ts";

export interface GenerateOptions extends AppendOptions {
  /** The token that ends an answer. */
  stop: number;
  /** Most tokens of an answer, the stop token not counted. */
  maxTokens: number;
  /** Told of an answer's tokens, all of them, when some have come. */
  onTokens?: (answer: number, tokens: readonly number[]) => void;
}

export interface Generated {
  tokens: number[];
  /**
   * Of each token and of the one that ended the answer: the logarithm of how probable the model found it, 0 where it
   * had no choice.
   */
  logProbabilities: number[];
  /** False where the token limit cut it. */
  ended: boolean;
}

/** An input, and what may follow it. */
export interface Start {
  /** Token ids behind the prefix. */
  ids: readonly number[];
  choices: Choices;
}

/** An answer under way. */
interface Writing extends Generated {
  input: readonly number[];
  /** What may follow its tokens. */
  choices: Choices;
  /** The token that comes next; chosen, not run. Its log-probability is there already. */
  next: number;
  /** Number of the last token that was run, in the sequence's tree. */
  last: number;
}

/**
 * Greedy decoding of several inputs at once: one pass over all inputs, then passes in which each unfinished answer runs
 * its next token, the tokens that must follow it, and a guess at what comes then; the model's own choices say how much
 * of the guess stands. Each answer is a branch of the tree, so they do not see each other, and what was guessed wrong
 * is a dead branch.
 *
 * An answer of a type ends within the limit: when it has just enough tokens left, it is finished in the shortest way.
 */
export async function generate(
  sequence: Sequence,
  inputs: readonly Start[],
  options: GenerateOptions,
): Promise<Generated[]> {
  const { stop, pause, onTokens } = options;
  const prompt: TreeToken[] = [];
  const ends: number[] = [];
  const base = sequence.length;
  const openings = inputs.map(({ choices }) => withoutChoice(choices, stop));
  for (const [i, { ids }] of inputs.entries()) {
    const opening = openings[i] as number[];
    prompt.push(...chain([...ids, ...opening], -1, base + prompt.length));
    ends.push(prompt.length - 1);
  }
  const first = await sequence.append(prompt, ends, options);
  const answers = inputs.map(({ ids, choices: start }, i): Writing => {
    const last = base + (ends[i] as number);
    const tokens = openings[i] as number[];
    const choices = tokens.reduce((place, token) => place.after(token), start);
    const logProbabilities = tokens.map(() => 0);
    const answer = { input: ids, tokens, logProbabilities, ended: false, choices, next: stop, last };
    choose(answer, first[i] as Float32Array, options);
    return answer;
  });
  for (let active = answers.filter((answer) => goesOn(answer, options)); active.length > 0; ) {
    await pause?.();
    await advance(sequence, active, options);
    if (onTokens) for (const answer of active) onTokens(answers.indexOf(answer), answer.tokens);
    active = active.filter((answer) => goesOn(answer, options));
  }
  return answers.map(({ tokens, logProbabilities, ended }) => ({ tokens, logProbabilities, ended }));
}

/** The tokens that must follow, up to the next choice or the end. */
function withoutChoice(start: Choices, stop: number): number[] {
  const tokens: number[] = [];
  for (let place = start; ; ) {
    const [token, ...others] = place.next ?? [];
    if (token === undefined || others.length > 0 || token === stop) return tokens;
    tokens.push(token);
    place = place.after(token);
  }
}

/** Chooses an answer's next token; where there would be no room to end the answer after it, finishes the answer. */
function choose(answer: Writing, logits: Float32Array, { stop, maxTokens }: GenerateOptions): void {
  const { choices, tokens, logProbabilities } = answer;
  answer.next = mostProbable(logits, choices.next);
  if (choices.favoured) answer.next = favouredOf(logits, answer.next, choices.favoured);
  const rest = answer.next === stop ? undefined : choices.finish;
  const fits = !rest || tokens.length + 1 + (choices.after(answer.next).finish?.length ?? 0) <= maxTokens;
  if (!fits) answer.next = rest[0] ?? stop;
  logProbabilities.push(choices.next?.length === 1 ? 0 : logProbability(logits, answer.next));
  if (fits) return;
  tokens.push(...rest);
  logProbabilities.push(...rest.map(() => 0));
  answer.next = stop;
}

/** Whether an answer needs another pass. */
function goesOn(answer: Writing, { stop, maxTokens }: GenerateOptions): boolean {
  answer.ended = answer.next === stop;
  return !answer.ended && answer.tokens.length < maxTokens;
}

/**
 * One pass: every answer grows by its next token, by what must follow, and by as much of its guess as the model would
 * have chosen.
 */
async function advance(sequence: Sequence, answers: readonly Writing[], options: GenerateOptions): Promise<void> {
  const { stop, maxTokens } = options;
  const base = sequence.length;
  const tokens: TreeToken[] = [];
  const wanted: number[] = [];
  const branches = answers.map(({ input, tokens: answer, choices, next, last }) => {
    const room = maxTokens - answer.length;
    const known = [next, ...withoutChoice(choices.after(next), stop)].slice(0, room);
    const ids = [...known, ...guessNext([...input, ...answer, ...known]).slice(0, room - known.length)];
    const start = tokens.length;
    tokens.push(...chain(ids, last, base + start));
    // Where nothing is to be chosen the model need not be asked.
    const asked = known.length - 1;
    const row = wanted.length - asked;
    for (let place = asked; place < ids.length; place++) wanted.push(start + place);
    return { ids, start, asked, row };
  });
  const logits = await sequence.append(tokens, wanted);
  for (const [i, answer] of answers.entries()) {
    const { ids, start, asked, row } = branches[i] as (typeof branches)[0];
    for (const [place, id] of ids.entries()) {
      // The first is what the model chose; a guess stands if it is what the model chose by now, and the answer goes on.
      if (id !== answer.next || id === stop) break;
      answer.tokens.push(id);
      answer.last = base + start + place;
      answer.choices = answer.choices.after(id);
      if (place >= asked) {
        choose(answer, logits[row + place] as Float32Array, options);
      } else {
        answer.next = ids[place + 1] as number;
        answer.logProbabilities.push(0);
      }
    }
  }
}

/** The highest of those that are favoured; the highest of all where that is higher by more than the favour. */
function favouredOf(logits: Float32Array, highest: number, { by, has }: NonNullable<Choices["favoured"]>): number {
  if (has(highest)) return highest;
  const least = (logits[highest] as number) - by;
  const rivals = [...logits.keys()].filter((id) => (logits[id] as number) > least);
  // From the highest on few have to be asked: in a long input one takes as long as many.
  rivals.sort((a, b) => (logits[b] as number) - (logits[a] as number));
  return rivals.find(has) ?? highest;
}

/**
 * The first of the highest.
 *
 * @param among tokens that may be it; default: all
 */
export function mostProbable(logits: Float32Array, among?: readonly number[]): number {
  if (among) {
    let best = among[0] as number;
    for (const id of among) if ((logits[id] as number) > (logits[best] as number)) best = id;
    return best;
  }
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[best] as number)) best = i;
  return best;
}
