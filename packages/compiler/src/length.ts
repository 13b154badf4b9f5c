import type { Contract } from "@unplugin-paw/program";
import { answerChoices, type Vocabulary } from "@unplugin-paw/runtime/decode";
import type { LocalEngine } from "@unplugin-paw/runtime/engine";
import type { Location, Pair } from "@unplugin-paw/spec";
import { CompileError } from "./errors.ts";
import { type Shot, toShot } from "./prompt.ts";

/**
 * Most tokens of an example that a compile reads, input and answer together. The memory of a training step grows with
 * the square of its longest example, and a long text says what it is about many times over: an example is cut, and the
 * program still reads whole inputs.
 */
const exampleTokens = 320;
/** Most tokens of an answer that are trained on and measured; the rest of the budget is the input's. */
const learntTokens = 160;
/**
 * The least that an answer may take, tokens; a small model that has lost its way repeats itself, and is stopped here.
 */
const answerRange = { least: 32, most: 256 };
/** The most that the program format can say. */
const longestAnswer = 4096;
/** Stands where something was left out. */
const gap = " … ";
/** Of so many examples that are cut the places are named. */
const named = 3;

/** What is left for the input of an example. */
const inputBudget = (answer: number) => exampleTokens - Math.min(answer, learntTokens);

export interface Fitted {
  /** The examples as the model sees them, long inputs cut. */
  shots: Shot[];
  /** Most tokens of the program's answers. */
  answerTokens: number;
}

/**
 * Makes examples fit: what a call could never take is an error, and what training cannot afford is cut, with a warning.
 *
 * @param prefixTokens what the program's prefix takes of the context
 * @throws {CompileError} `TOO_LONG`, at the example
 */
export function fitExamples(
  { interpreter: { tokenizer }, session }: Pick<LocalEngine, "interpreter" | "session">,
  contract: Contract,
  examples: readonly Pair[],
  prefixTokens: number,
  onWarning: (message: string) => void,
): Fitted {
  const shots = examples.map((pair) => toShot(contract, pair));
  const answers = shots.map(({ output }) => tokenizer.encode(output).length);
  for (const [i, tokens] of answers.entries()) {
    if (tokens > longestAnswer) throw tooLong("answer", tokens, longestAnswer, examples[i]?.location as Location);
  }
  const answerTokens = answerLimit(answers);
  const room = session.config.contextLength - prefixTokens - answerTokens;
  const cut: Location[] = [];
  const fitted = shots.map((shot, i): Shot => {
    const location = examples[i]?.location as Location;
    const budget = inputBudget(answers[i] as number);
    // A token is one byte at least, and no text of ours has that short ones throughout: only what may be too long is
    // counted.
    if (shot.input.length * 4 <= budget) return shot;
    const tokens = tokenizer.encode(shot.input).length;
    if (tokens > room) throw tooLong("input", tokens, room, location);
    if (tokens <= budget) return shot;
    cut.push(location);
    return { ...shot, input: cutText(shot.input, budget, shot.output, (text) => tokenizer.encode(text).length) };
  });
  if (cut.length > 0) onWarning(cutWarning(cut));
  return { shots: fitted, answerTokens };
}

/** Tokens of an answer and the one that ends it, as far as a compile learns it and measures by it. */
export function learntAnswer(vocabulary: Vocabulary, contract: Contract, answer: string): number[] {
  const { encode, closed } = answerChoices(vocabulary, contract);
  return closed ? encode(answer) : encode(answer).slice(0, learntTokens);
}

/**
 * Most tokens of an answer: four times the longest among the examples, between 32 and 256; and half as much again as
 * the longest, where that is more.
 */
export function answerLimit(answers: readonly number[]): number {
  const { least, most } = answerRange;
  const longest = Math.max(0, ...answers);
  const generous = answers.length === 0 ? most : Math.min(most, Math.max(least, 4 * longest));
  return Math.min(longestAnswer, Math.max(generous, Math.ceil(1.5 * longest)));
}

/**
 * A text of at most `limit` tokens out of a longer one: its beginning and its end, which say most of what a text is,
 * and, where the answer stands in it, what is around that.
 *
 * @param count tokens of a text
 */
export function cutText(text: string, limit: number, answer: string, count: (text: string) => number): string {
  const at = answer.trim() === "" ? -1 : text.indexOf(answer.trim());
  for (let size = Math.min(text.length, 6 * limit); ; ) {
    const cut = pieces(text, size, at < 0 ? undefined : at + answer.trim().length / 2);
    const tokens = count(cut);
    if (tokens <= limit || size <= gap.length) return cut;
    size = Math.floor(size * Math.min(0.95, limit / tokens));
  }
}

/** The first and last parts of a text and one around `middle`, `size` characters together. */
function pieces(text: string, size: number, middle: number | undefined): string {
  const part = middle === undefined ? size / 2 : size / 3;
  const wanted: [number, number][] = [
    [0, part],
    ...(middle === undefined ? [] : [[middle - part / 2, middle + part / 2] as [number, number]]),
    [text.length - part, text.length],
  ];
  const merged: [number, number][] = [];
  for (const [from, to] of wanted) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.map(([from, to]) => text.slice(...whole(text, from, to))).join(gap);
}

/** Bounds that cut no character in two. */
function whole(text: string, from: number, to: number): [number, number] {
  const inside = (at: number) => /^[\udc00-\udfff]/.test(text.slice(at, at + 1));
  const start = Math.max(0, Math.round(from));
  const end = Math.min(text.length, Math.round(to));
  return [inside(start) ? start + 1 : start, inside(end) ? end - 1 : end];
}

function tooLong(part: "input" | "answer", tokens: number, most: number, location: Location): CompileError {
  return new CompileError(
    "TOO_LONG",
    `The ${part} of this example has ${tokens.toLocaleString("en")} tokens; a call can have at most ${most.toLocaleString("en")}.`,
    "Shorten it: a token is about four characters of English.",
    location,
  );
}

function cutWarning(places: readonly Location[]): string {
  const shown = places.slice(0, named).map(({ file, line, column }) => `${file}:${line}:${column}`);
  const more = places.length > named ? ` and ${places.length - named} more` : "";
  const which = places.length === 1 ? "The example at" : `${places.length} examples are longer than that:`;
  return places.length === 1
    ? `${which} ${shown[0]} is longer than the ${exampleTokens} tokens that training reads of one: the middle of its input is left out. The compiled function reads whole inputs.`
    : `Training reads ${exampleTokens} tokens of an example at most, and leaves out the middle of longer inputs. ${which} ${shown.join(", ")}${more}. The compiled function reads whole inputs.`;
}
