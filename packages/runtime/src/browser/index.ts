/// <reference lib="dom" />
import { InputError } from "@unplugin-paw/program";
import { PawError } from "../errors.ts";
import { type AnyPawFunction, pawFunction } from "../program.ts";
import type { ProgramMeta } from "../types.ts";
import type { InterpreterAssets } from "./assets.ts";
import { request } from "./client.ts";
import type { ProgramSource } from "./messages.ts";

export { InterpreterError } from "@unplugin-paw/interpreter/web";
export * from "../exports.ts";
export type { InterpreterAssets } from "./assets.ts";
export { dispose } from "./client.ts";

/**
 * The function of a compiled program; generated modules call this. Returns at once: the first call starts the page's worker, which
 * loads the program and the interpreter, and answers off the main thread.
 *
 * @param weights the URL of the `.weights` file; a relative one starts from the page
 * @param meta what the generated module knows of the program
 * @param interpreter where the interpreter's files are
 * @example
 * const sentiment = program("/assets/sentiment-3f2a.weights", meta, interpreter);
 * await sentiment("Loved every minute of it"); // "positive"
 */
export function program(weights: string | URL, meta: ProgramMeta, interpreter: InterpreterAssets): AnyPawFunction {
  let source: ProgramSource | undefined;
  const found = () => {
    source ??= absolute(weights, interpreter);
    return source;
  };
  const plain = meta.contract.input.kind === "object" ? asJson : (input: unknown) => input;
  return pawFunction(meta, {
    async load(options) {
      await request({ kind: "load", program: found() }, options);
    },
    async answer(inputs, signal) {
      const work = { kind: "answer", program: found(), inputs: inputs.map(plain) } as const;
      return await request(work, signal ? { signal } : {});
    },
  });
}

/** The addresses, seen from anywhere. */
function absolute(weights: string | URL, { manifest, parts, ...urls }: InterpreterAssets): ProgramSource {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (base === undefined) {
    const hint =
      'Build for Node: platform: "node" (esbuild, Rolldown), target: "node" (webpack, Rspack), no condition "browser" (Rollup).';
    throw new PawError("NO_BROWSER", "This bundle was built for browsers, and runs where there is none.", hint);
  }
  const at = (url: string | URL) => new URL(url, base).href;
  return {
    weights: at(weights),
    interpreter: {
      manifest,
      worker: at(urls.worker),
      wasm: at(urls.wasm),
      model: at(urls.model),
      parts: parts.map(at),
      tokenizer: at(urls.tokenizer),
    },
  };
}

/** An object as the model will read it; frameworks' reactive objects cannot be sent to a worker. */
function asJson(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  try {
    return JSON.parse(JSON.stringify(input) ?? "null");
  } catch (error) {
    throw new InputError("json", `the input cannot be written as JSON: ${(error as Error).message}`);
  }
}
