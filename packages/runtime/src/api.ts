import type { InputError, OutputError, ProgramMeta } from "@unplugin-paw/program";
import type { PawError } from "./errors.ts";

export type { ProgramMeta };

/** Options of one call. */
export interface CallOptions {
  /**
   * Cancels the call: it rejects with the signal's reason at once, and the model goes on to the next call within a
   * fraction of a second.
   */
  signal?: AbortSignal;
}

/** How far loading has come. `loaded` and `total` count bytes, where they are known. */
export interface LoadProgress {
  stage: "wait" | "download" | "unpack" | "verify" | "convert" | "load";
  loaded?: number;
  total?: number;
}

export interface LoadOptions {
  onProgress?: (progress: LoadProgress) => void;
  /** Ends the wait. The load itself goes on for others who wait for it, and is cancelled when nobody does. */
  signal?: AbortSignal;
  /**
   * Node: how many worker threads, each with a model of its own (about half a gigabyte), answer for all functions of
   * the process from now on; calls go to the least busy one, and the cores are divided. Default: as many as there are,
   * 1 at first. A page has one.
   */
  workers?: number;
}

/**
 * A function made from a `.paw` file.
 *
 * The first call loads the interpreter, in a worker, which all functions of a process share. Calls that come at the
 * same time are served in turn: those of one program share passes through the model, and a long input lets the others
 * through between its parts.
 *
 * @throws {InputError} the input does not fit the spec's type
 * @throws {PawError} `INPUT_TOO_LONG`, `ANSWER_TOO_LONG`
 * @throws {OutputError} the model's answer does not fit the spec's type (never where a `.paw` file made the program);
 *   `raw` is its text
 * @throws {InterpreterError} the interpreter cannot be loaded
 * @example
 * import sentiment from "./sentiment.paw";
 * await sentiment("Loved every minute of it"); // "positive"
 */
export interface PawFunction<Input, Output> {
  (input: Input, options?: CallOptions): Promise<Output>;
  /**
   * Answers in the order of the inputs; several inputs share each pass through the model. One failing input fails the
   * batch ({@link each} tells them apart).
   */
  batch(inputs: readonly Input[], options?: CallOptions): Promise<Output[]>;
  /**
   * Answers in the order of the inputs, as they come: for inputs that come one after the other, or are too many to hold.
   * They are read as answers are taken, a few dozen ahead. What fails for one input is its own `error`; to stop early
   * (`break`) cancels what runs.
   *
   * @example
   * for await (const { value, error } of route.each(lines)) console.log(error?.message ?? value);
   */
  each(inputs: Iterable<Input> | AsyncIterable<Input>, options?: CallOptions): AsyncIterableIterator<Settled<Output>>;
  /**
   * The answer with how probable the model finds it, and each field of an object: what is doubtful can go to a person.
   *
   * @example
   * const { value, probability, fields } = await invoice.assess(mail);
   * if ((fields?.total ?? 0) < 0.9) review(mail, value);
   */
  assess(input: Input, options?: CallOptions): Promise<Assessment<Output>>;
  /** Loads the interpreter and the program ahead of the first call. */
  load(options?: LoadOptions): Promise<void>;
  readonly meta: ProgramMeta;
}

/** An answer and how probable it is. */
export interface Assessment<Output> {
  /** What the call answers. */
  value: Output;
  /**
   * From 0 to 1, calibrated where the spec has examples to measure with. Of labels it is that of the most probable one,
   * also where the function abstains; of all else that of the whole answer.
   */
  probability: number;
  /** Of an object: of each field that is there, given those before it. */
  fields?: Record<string, number>;
}

/** What came of one input, or why nothing did. */
export type Settled<Output> =
  | { value: Output; error?: never }
  | { error: InputError | OutputError | PawError; value?: never };

/** A function that answers with a text. */
export interface PawWriter<Input = string> extends PawFunction<Input, string> {
  /**
   * The answer as it is written, in parts, which make the whole answer together. To stop early (`break`) cancels the
   * call.
   *
   * @example
   * for await (const part of summarise.stream(mail)) process.stdout.write(part);
   */
  stream(input: Input, options?: CallOptions): AsyncIterableIterator<string>;
}

/** One label's share. */
export interface Classification<Label extends string | boolean> {
  /** The most probable label, whether or not the function abstains. */
  label: Label;
  probability: number;
  /** Of every label; with `unsure` they sum to 1. */
  probabilities: Record<`${Label}`, number>;
  /**
   * The probability that the input is nothing that the function is for, so that no label is right: another topic,
   * another language, no sense. 0 of programs that were not trained.
   */
  unsure: number;
  /** True where the probability is below the spec's `abstain`: the plain call then answers null. */
  abstained: boolean;
}

/** A function that answers with one of a closed set of labels (or with true or false). */
export interface PawClassifier<Input, Label extends string | boolean, Abstains extends boolean = false>
  extends PawFunction<Input, Abstains extends true ? Label | null : Label> {
  /** The answer with its probabilities. */
  classify(input: Input, options?: CallOptions): Promise<Classification<Label>>;
  /**
   * Where the answer lies between the first label (0) and the last (1), of labels that are named in an order: the
   * expectation over all of them, to rank inputs by. Of a boolean, the probability that it is true.
   *
   * @example
   * await urgency.score("The server room is on fire"); // 0.98, where the spec has `returns: [low, medium, high]`
   */
  score(input: Input, options?: CallOptions): Promise<number>;
}

/** A part of an input: `input.slice(start, end) === text`. */
export interface Quote {
  text: string;
  /** Offset of its first UTF-16 unit; of the first place where the text is there several times. */
  start: number;
  /** Offset behind its last one. */
  end: number;
}

/** A function that answers with a part of its input, word for word, or with null where there is nothing to quote. */
export interface PawQuoter<Input = string> extends PawFunction<Input, string | null> {
  /**
   * The answer with its place.
   *
   * @example
   * await sender.locate("Yours, Ann Lee"); // { text: "Ann Lee", start: 7, end: 14 }
   */
  locate(input: Input, options?: CallOptions): Promise<Quote | null>;
}
