import type { AppendOptions, Sequence } from "@unplugin-paw/interpreter/session";
import { type InputError, OutputError, parseOutput, quotedAt } from "@unplugin-paw/program";
import type { Classification, Quote } from "../api.ts";
import { PawError } from "../errors.ts";
import { type AnswerChoices, answerChoices } from "./answer-choices.ts";
import { type Certainty, fieldProbabilities, probabilityOf } from "./certainty.ts";
import { generate } from "./generate.ts";
import { wellFormed } from "./grammar/quote.ts";
import { GrowingText } from "./growing-text.ts";
import type { Engine, Runnable, Vocabulary } from "./interfaces.ts";
import { passes } from "./passes.ts";
import { type Item, limitsOf, readInputs } from "./read-inputs.ts";
import { calibrate, scoreLabels } from "./score.ts";
import { verbatimChoices } from "./verbatim.ts";

/** What came of one input, or why nothing did. */
export type Answer = Found | { error: InputError | OutputError | PawError; value?: never };

export interface Found {
  /** What the call gives: null where the function abstains. */
  value: unknown;
  /** Of closed labels: the most probable one, and how probable each is. */
  classification?: Classification<string | boolean>;
  /** Of a quote: where it is. */
  quote?: Quote | null;
  /** Of what is no label: how probable it is. */
  certainty?: Certainty;
  error?: never;
}

/** Tokens that an answer in text is expected to take, where the program may write more. */
const usualAnswer = 32;

/**
 * Runs a program over inputs, however many: reads as many as share a pass, and gives their answers before it reads on.
 * Answers come in the order of the inputs. What fails for one input is its answer's `error`.
 *
 * @throws {ProgramError} the program does not fit the interpreter
 * @throws the signal's reason
 * @example
 * for await (const { value, error } of answers(engine, program, lines)) console.log(error?.message ?? value);
 */
export async function* answers(
  engine: Engine,
  program: Runnable,
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  signal?: AbortSignal,
): AsyncGenerator<Answer, void> {
  const { interpreter, session } = engine;
  const pause = () => signal?.throwIfAborted();
  const read = readInputs(engine, program, inputs);
  for await (const pass of passes(read, ({ ids }) => ids?.length ?? 0, limitsOf(engine, program))) {
    signal?.throwIfAborted();
    const items = pass.filter((one) => !one.error);
    const found = await session.use((sequence) => answerPass(sequence, interpreter, program, items, { pause }));
    for (const one of pass) yield one.error ? one : (found.shift() as Answer);
  }
}

/** {@link answers}, all at once. */
export async function answerAll(
  engine: Engine,
  program: Runnable,
  inputs: readonly unknown[],
  signal?: AbortSignal,
): Promise<Answer[]> {
  const all: Answer[] = [];
  for await (const one of answers(engine, program, inputs, signal)) all.push(one);
  return all;
}

export interface PassOptions extends AppendOptions {
  /** Told of the parts of an answer in text, by its item's number. */
  onPart?: (item: number, part: string) => void;
}

/** Answers inputs that share a pass, in their order. */
export async function answerPass(
  sequence: Sequence,
  interpreter: Vocabulary,
  program: Runnable,
  items: readonly Item[],
  options: PassOptions,
): Promise<Answer[]> {
  if (items.length === 0) return [];
  const tokens = items.reduce((sum, { ids }) => sum + ids.length, 0);
  // What runs in pieces begins with a short cache, which the first pieces need not pay for.
  const expected = Math.min(tokens, 2 * (options.run ?? tokens));
  const form = answerChoices(interpreter, program.contract);
  const more = form.closed ? form.closed.trie.nodes.length : Math.min(program.answerTokens, usualAnswer);
  sequence.begin(program.prefix, expected + items.length * more);
  if (form.closed) return await chooseLabels(sequence, program, form.closed, items, options);
  return await writeTexts(sequence, interpreter, program, form, items, options);
}

async function chooseLabels(
  sequence: Sequence,
  { contract, head, calibration }: Runnable,
  { labels, trie }: NonNullable<AnswerChoices["closed"]>,
  items: readonly Item[],
  options: AppendOptions,
): Promise<Found[]> {
  const inputs = items.map(({ ids }) => ids);
  const { abstain } = contract;
  const threshold = (typeof abstain === "number" ? abstain : calibration.threshold) ?? 0;
  return (await scoreLabels(sequence, inputs, trie, head, options)).map(({ scores, scope }) => {
    // What a label is worth if the input is for the function, by how probable that is.
    const probabilities = calibrate(scores, calibration).map((share) => share * scope);
    const probability = Math.max(...probabilities);
    const best = labels[probabilities.indexOf(probability)] as string;
    const label = parseOutput(contract, best) as string | boolean;
    const abstained = probability < threshold;
    return {
      value: abstained ? null : label,
      classification: {
        label,
        probability,
        probabilities: Object.fromEntries(labels.map((label, i) => [label, probabilities[i] as number])),
        unsure: 1 - scope,
        abstained,
      },
    };
  });
}

async function writeTexts(
  sequence: Sequence,
  { tokenizer }: Vocabulary,
  { contract, calibration: { temperature, verbatim }, answerTokens: maxTokens }: Runnable,
  { startOf, stop }: AnswerChoices,
  items: readonly Item[],
  { onPart, ...options }: PassOptions,
): Promise<Answer[]> {
  const start = (text: string) => (verbatim ? verbatimChoices(text, verbatim, tokenizer, stop) : startOf(text));
  const inputs = items.map(({ ids, text }) => ({ ids, choices: start(text) }));
  const texts = items.map(() => new GrowingText(tokenizer));
  const onTokens = (i: number, tokens: readonly number[]) => {
    const part = texts[i]?.next(tokens);
    if (part) onPart?.(i, part);
  };
  const found = await generate(sequence, inputs, { stop, maxTokens, ...options, ...(onPart && { onTokens }) });
  return found.map(({ tokens, logProbabilities, ended }, i) => {
    const raw = tokenizer.decode(tokens);
    if (!ended) return { error: endless(raw, maxTokens) };
    const ends = () => tokens.map((_, place) => tokenizer.decode(tokens.slice(0, place + 1)).length);
    try {
      const value = parseOutput(contract, raw);
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      // A power of the product is one of each token's, so fields are calibrated by what the whole answer was.
      const calibrated = logProbabilities.map((one) => one * temperature);
      const certainty = {
        probability: probabilityOf(calibrated),
        ...(isObject && { fields: fieldProbabilities(calibrated, ends(), raw) }),
      };
      const quoted = contract.output.kind === "quote" ? quoteOf(value, (items[i] as Item).text) : { value };
      return { ...quoted, certainty };
    } catch (error) {
      if (error instanceof OutputError) return { error };
      throw error;
    }
  });
}

/** A quote with its place. */
function quoteOf(value: unknown, input: string): Found {
  const place = typeof value === "string" ? quotedAt(wellFormed(input), value) : undefined;
  if (!place) return { value: null, quote: null };
  // What is no Unicode is what the caller wrote.
  const text = input.slice(place.start, place.end);
  return { value: text, quote: { text, ...place } };
}

function endless(raw: string, limit: number): PawError {
  return new PawError(
    "ANSWER_TOO_LONG",
    `The answer did not end within ${limit} tokens: ${JSON.stringify(`${raw.slice(0, 60)}…`)}.`,
    "Give the spec examples with short answers; `raw` has the text so far.",
    { raw },
  );
}
