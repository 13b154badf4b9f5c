import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { decodeProgram, type Program } from "@unplugin-paw/program";
import { answer } from "./answer.ts";
import { sharedEngine } from "./engine.ts";
import { PawError } from "./errors.ts";
import { type AnyPawFunction, pawFunction } from "./program.ts";
import type { LoadOptions, ProgramMeta } from "./types.ts";

export { InterpreterError } from "@unplugin-paw/interpreter";
export { dispose } from "./engine.ts";
export * from "./exports.ts";

/** A `.weights` file: its `file:` URL, its path, or its bytes. */
export type Weights = URL | string | Uint8Array;

/**
 * The function of a compiled program; generated modules call this. Returns at once: the program and the interpreter are loaded by
 * the first call.
 *
 * @param weights the program, or what gives it: that is asked by the first call, so that a URL which cannot be made is an error of this
 *   function, not of the bundle that it is in
 * @param meta what the generated module knows of the program
 * @example
 * const sentiment = program(() => new URL("./sentiment.weights", import.meta.url), meta);
 * await sentiment("Loved every minute of it"); // "positive"
 */
export function program(weights: Weights | (() => Weights), meta: ProgramMeta): AnyPawFunction {
  let loading: Promise<Program> | undefined;
  /** The program is decoded once; one that failed is tried again by the next call. */
  function decoded(): Promise<Program> {
    loading ??= decode(weights, meta).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }
  const loaded = async (options: LoadOptions) => {
    const engine = await sharedEngine(meta.interpreter, options);
    return { engine, program: await decoded() };
  };
  return pawFunction(meta, {
    async load(options) {
      await loaded(options);
    },
    async answer(inputs, signal) {
      const { engine, program } = await loaded({});
      signal?.throwIfAborted();
      return await engine.session.exclusive(async () => {
        signal?.throwIfAborted();
        return await answer(engine, program, inputs, signal);
      });
    },
  });
}

async function decode(weights: Weights | (() => Weights), meta: ProgramMeta): Promise<Program> {
  return decodeProgram(await read(weights, meta), { interpreter: meta.interpreter });
}

async function read(weights: Weights | (() => Weights), { name }: ProgramMeta): Promise<Uint8Array> {
  let path: string;
  try {
    const found = typeof weights === "function" ? weights() : weights;
    if (typeof found === "object" && !(found instanceof URL)) return found;
    path = typeof found === "string" && !found.startsWith("file:") ? found : fileURLToPath(found);
  } catch (cause) {
    const message = `The program ${name} has no place in this output: ${(cause as Error).message}.`;
    const hint =
      "Another bundler has changed its URL. Set the plugin's option `inline` to true: the program is then in the code.";
    throw new PawError("NO_PROGRAM", message, hint, { cause });
  }
  try {
    return await readFile(path);
  } catch (cause) {
    const message = `Cannot read the program ${path}: ${(cause as Error).message}.`;
    const hint =
      "It is a file of the build: deploy the whole output folder. Where the output is bundled again, set the plugin's option `inline` to true.";
    throw new PawError("NO_PROGRAM", message, hint, { cause });
  }
}
