import { fileURLToPath } from "node:url";
import { decodeMetadata, programMeta } from "@unplugin-paw/program";
import type { LoadOptions, ProgramMeta } from "./api.ts";
import { PawError } from "./errors.ts";
import { type AnyPawFunction, pawFunction } from "./function.ts";
import { answerInPool, forgetInPool, loadInPool, type ProgramSource } from "./pool.ts";
import { readWeights } from "./read-weights.ts";

export { InterpreterError } from "@unplugin-paw/interpreter/web";
export * from "./exports.ts";
export { dispose } from "./pool.ts";

/** Where a program is: a `file:` URL, a path, or the bytes of its `.weights` file. */
export type Weights = URL | string | Uint8Array;

let lastKey = 0;
/** A function that nobody has any more needs no program in the workers. */
const unused = new FinalizationRegistry<string>(forgetInPool);

/**
 * The function of a compiled program; generated modules call this. Returns at once: the first call starts a worker
 * thread, which loads the program and the interpreter, and answers there: the caller's thread is never blocked.
 *
 * @param weights the program, or what gives it: that is asked by the first call, so that a URL which cannot be made is
 *   an error of this function, not of the bundle that it is in
 * @param meta what the generated module knows of the program
 * @example
 * const sentiment = program(() => new URL("./sentiment.weights", import.meta.url), meta);
 * await sentiment("Loved every minute of it"); // "positive"
 */
export function program(weights: Weights | (() => Weights), meta: ProgramMeta): AnyPawFunction {
  const key = `${++lastKey}`;
  let source: ProgramSource | undefined;
  const found = () => {
    source ??= { key, weights: toSend(weights, meta), interpreter: meta.interpreter };
    return source;
  };
  const made = pawFunction(meta, {
    load: async (options) => await loadInPool(found(), options),
    answer: async (inputs, options) => await answerInPool(found(), inputs, options),
  });
  unused.register(made, key);
  return made;
}

/**
 * The function of a `.weights` file, loaded and ready: for programs that no bundler has put into a module. What is
 * known of it is in the file; its type is the caller's to say.
 *
 * @param weights a path (from the working folder), a `file:` URL, or the file's bytes
 * @throws {PawError} `NO_PROGRAM`, `NO_ONNXRUNTIME`
 * @throws {ProgramError} the file is not a program, or damaged, or for another interpreter
 * @throws {InterpreterError} the interpreter cannot be loaded
 * @example
 * const route = await loadProgram<PawClassifier<string, "billing" | "delivery">>("./route.weights");
 * await route("My card was charged twice"); // "billing"
 */
export async function loadProgram<Function extends AnyPawFunction = AnyPawFunction>(
  weights: Weights,
  options: LoadOptions = {},
): Promise<Function> {
  options.signal?.throwIfAborted();
  const bytes = isBytes(weights) ? weights : await readWeights(pathOf(weights));
  const loaded = program(bytes, programMeta(decodeMetadata(bytes)));
  await loaded.load(options);
  return loaded as Function;
}

/** What workers are sent: of bytes, a copy that they share. */
function toSend(weights: Weights | (() => Weights), { name }: ProgramMeta): string | Uint8Array {
  let given: Weights;
  try {
    given = typeof weights === "function" ? weights() : weights;
    if (!isBytes(given)) return pathOf(given);
  } catch (cause) {
    const message = `The program ${name} has no place in this output: ${(cause as Error).message}.`;
    const hint =
      "Another bundler has changed its URL. Set the plugin's option `inline` to true: the program is then in the code.";
    throw new PawError("NO_PROGRAM", message, hint, { cause });
  }
  const shared = new Uint8Array(new SharedArrayBuffer(given.byteLength));
  shared.set(given);
  return shared;
}

function isBytes(weights: Weights): weights is Uint8Array {
  return typeof weights === "object" && !(weights instanceof URL);
}

function pathOf(weights: URL | string): string {
  return typeof weights === "string" && !weights.startsWith("file:") ? weights : fileURLToPath(weights);
}
