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

/**
 * The function of a compiled program; generated modules call this. Returns at once: the program and the interpreter are loaded by
 * the first call.
 *
 * @param weights the `.weights` file: a `file:` URL, a path, or its bytes
 * @param meta what the generated module knows of the program
 * @example
 * const sentiment = program(new URL("./sentiment.weights", import.meta.url), meta);
 * await sentiment("Loved every minute of it"); // "positive"
 */
export function program(weights: URL | string | Uint8Array, meta: ProgramMeta): AnyPawFunction {
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
    const path = pathOf(weights);
    const engine = await sharedEngine(meta.interpreter, { ...options, ...(path !== undefined && { program: path }) });
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

async function decode(weights: URL | string | Uint8Array, { interpreter }: ProgramMeta): Promise<Program> {
  const bytes =
    typeof weights === "object" && !(weights instanceof URL) ? weights : await read(pathOf(weights) as string);
  return decodeProgram(bytes, { interpreter });
}

/** The path of a program that is a file. */
function pathOf(weights: URL | string | Uint8Array): string | undefined {
  if (typeof weights === "string" && !weights.startsWith("file:")) return weights;
  return typeof weights === "string" || weights instanceof URL ? fileURLToPath(weights) : undefined;
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new PawError(
      "NO_PROGRAM",
      `Cannot read the program ${path}: ${(cause as Error).message}.`,
      "It is an asset of the build: deploy the whole output folder, or build again.",
      { cause },
    );
  }
}
