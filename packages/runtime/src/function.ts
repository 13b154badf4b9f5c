import { type Contract, InputError, outputLabels } from "@unplugin-paw/program";
import type {
  CallOptions,
  Classification,
  LoadOptions,
  PawClassifier,
  PawFunction,
  PawQuoter,
  PawWriter,
  ProgramMeta,
} from "./api.ts";
import type { Answer, Found } from "./decode/answer.ts";
import type { Certainty } from "./decode/certainty.ts";
import { eachAnswer } from "./each.ts";
import { partsOf } from "./stream.ts";

export interface AnswerOptions extends CallOptions {
  /** Told of the parts of an answer in text; there is one input then. */
  onPart?: (part: string) => void;
}

/** What answers for a function; the platform (Node, a browser) fills it in. */
export interface Answerer {
  /** Loads what is not loaded yet; one that failed is tried again by the next call. */
  load(options: LoadOptions): Promise<void>;
  /** Answers in the order of the inputs, loading first what has to be. Objects among them are plain JSON. */
  answer(inputs: unknown[], options: AnswerOptions): Promise<Answer[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: the exact types are those of the generated declaration file
type Any = any;

/** Any kind of function; a generated module's types say which. */
export type AnyPawFunction = PawFunction<Any, Any> &
  Partial<
    Pick<PawClassifier<Any, Any>, "classify" | "score"> &
      Pick<PawQuoter<Any>, "locate"> &
      Pick<PawWriter<Any>, "stream">
  >;

/** Makes the callable of a program. Nothing is loaded before the first call or `load`. */
export function pawFunction(meta: ProgramMeta, answerer: Answerer): AnyPawFunction {
  async function answers(inputs: readonly unknown[], { signal, ...options }: AnswerOptions): Promise<Answer[]> {
    signal?.throwIfAborted();
    const work = answerer.answer(inputs.map(plain), { ...options, ...(signal && { signal }) });
    return await (signal ? untilAborted(work, signal) : work);
  }

  const plain = meta.contract.input.kind === "object" ? asJson : (input: unknown) => input;
  const only = async (input: unknown, options: AnswerOptions) => found((await answers([input], options))[0] as Answer);

  /** An input that cannot even be sent is an error of its own, not of those that are sent with it. */
  const apart = async (inputs: unknown[], signal: AbortSignal): Promise<Answer[]> => {
    try {
      return await answers(inputs, { signal });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (inputs.length === 1) return [{ error }];
      return (await Promise.all(inputs.map((input) => apart([input], signal)))).flat();
    }
  };

  const call = async (input: unknown, options: CallOptions = {}) => (await only(input, options)).value;
  return Object.assign(call, {
    meta,
    batch: async (inputs: readonly unknown[], options: CallOptions = {}) =>
      (await answers(inputs, options)).map((one) => found(one).value),
    each: (inputs: Iterable<unknown> | AsyncIterable<unknown>, { signal: outer }: CallOptions = {}) =>
      eachAnswer(inputs, apart, outer),
    assess: async (input: unknown, options: CallOptions = {}) => {
      const { value, classification, certainty } = await only(input, options);
      const probability = classification?.probability ?? (certainty as Certainty).probability;
      return { value, probability, ...(certainty?.fields && { fields: certainty.fields }) };
    },
    load: async (options: LoadOptions = {}) => {
      options.signal?.throwIfAborted();
      const work = answerer.load(options);
      await (options.signal ? untilAborted(work, options.signal) : work);
    },
    ...(outputLabels(meta.contract) && {
      classify: async (input: unknown, options: CallOptions = {}) =>
        (await only(input, options)).classification as Classification<string | boolean>,
      score: async (input: unknown, options: CallOptions = {}) =>
        scoreOf(meta.contract, (await only(input, options)).classification as Classification<string>),
    }),
    ...(meta.contract.output.kind === "quote" && {
      locate: async (input: unknown, options: CallOptions = {}) => (await only(input, options)).quote ?? null,
    }),
    ...(meta.contract.output.kind === "string" && {
      stream: (input: unknown, { signal: outer }: CallOptions = {}) =>
        partsOf(async (onPart, signal) => (await only(input, { signal, onPart })).value as string, outer),
    }),
  });
}

/** The expectation of the labels' places from 0 to 1, if the input is one that the function is for. */
function scoreOf(contract: Contract, { probabilities, unsure }: Classification<string>): number {
  const labels = outputLabels(contract) as string[];
  const ordered = contract.output.kind === "boolean" ? labels.toReversed() : labels;
  const sum = ordered.reduce((total, label, i) => total + i * (probabilities[label] as number), 0);
  return sum / Math.max(1, ordered.length - 1) / (1 - unsure);
}

/** An answer that is none is the call's error. */
function found(answer: Answer): Found {
  if (answer.error) throw answer.error;
  return answer;
}

/** The work's result, or at once the signal's reason: a queued call need not wait for its turn to be cancelled. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    // A signal may outlive many calls, so no call leaves its listener there.
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/**
 * An object as the model will read it: a framework's reactive object, or one with methods, cannot be sent to a worker.
 */
function asJson(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  try {
    return JSON.parse(JSON.stringify(input) ?? "null");
  } catch (error) {
    throw new InputError("json", `the input cannot be written as JSON: ${(error as Error).message}`);
  }
}
