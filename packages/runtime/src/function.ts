import { InputError, outputLabels } from "@unplugin-paw/program";
import type {
  CallOptions,
  Classification,
  LoadOptions,
  PawClassifier,
  PawFunction,
  PawQuoter,
  ProgramMeta,
} from "./api.ts";
import type { Answer, Found } from "./decode/answer.ts";

/** What answers for a function; the platform (Node, a browser) fills it in. */
export interface Answerer {
  /** Loads what is not loaded yet; one that failed is tried again by the next call. */
  load(options: LoadOptions): Promise<void>;
  /** Answers in the order of the inputs, loading first what has to be. Objects among them are plain JSON. */
  answer(inputs: unknown[], signal: AbortSignal | undefined): Promise<Answer[]>;
}

/** Either kind of function; a generated module's types say which. */
// biome-ignore lint/suspicious/noExplicitAny: the exact types are those of the generated declaration file
type Any = any;
export type AnyPawFunction = PawFunction<Any, Any> &
  Partial<Pick<PawClassifier<Any, Any>, "classify"> & Pick<PawQuoter<Any>, "locate">>;

/** Makes the callable of a program. Nothing is loaded before the first call or `load`. */
export function pawFunction(meta: ProgramMeta, answerer: Answerer): AnyPawFunction {
  async function answers(inputs: readonly unknown[], { signal }: CallOptions): Promise<Found[]> {
    signal?.throwIfAborted();
    const work = answerer.answer(inputs.map(plain), signal);
    const found = await (signal ? untilAborted(work, signal) : work);
    return found.map((one) => {
      if (one.error) throw one.error;
      return one;
    });
  }

  const plain = meta.contract.input.kind === "object" ? asJson : (input: unknown) => input;
  const only = async (input: unknown, options: CallOptions) => (await answers([input], options))[0] as Found;

  const call = async (input: unknown, options: CallOptions = {}) => (await only(input, options)).value;
  return Object.assign(call, {
    meta,
    batch: async (inputs: readonly unknown[], options: CallOptions = {}) =>
      (await answers(inputs, options)).map(({ value }) => value),
    load: async (options: LoadOptions = {}) => {
      options.signal?.throwIfAborted();
      const work = answerer.load(options);
      await (options.signal ? untilAborted(work, options.signal) : work);
    },
    ...(outputLabels(meta.contract) && {
      classify: async (input: unknown, options: CallOptions = {}) =>
        (await only(input, options)).classification as Classification<string | boolean>,
    }),
    ...(meta.contract.output.kind === "quote" && {
      locate: async (input: unknown, options: CallOptions = {}) => (await only(input, options)).quote ?? null,
    }),
  });
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
