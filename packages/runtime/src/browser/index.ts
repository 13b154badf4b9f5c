/// <reference lib="dom" />

import type { ProgramMeta } from "../api.ts";
import { PawError } from "../errors.ts";
import { type AnyPawFunction, pawFunction } from "../function.ts";
import type { InterpreterAssets } from "./assets.ts";
import { type ProgramSource, request } from "./client.ts";

export { InterpreterError } from "@unplugin-paw/interpreter/web";
export * from "../exports.ts";
export type { InterpreterAssets } from "./assets.ts";
export { dispose } from "./client.ts";

/**
 * The function of a compiled program; generated modules call this. Returns at once: the first call starts the page's
 * worker, which loads the program and the interpreter, and answers off the main thread.
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
  return pawFunction(meta, {
    async load(options) {
      await request({ kind: "load", program: found() }, options);
    },
    async answer(inputs, options) {
      const parts = options.onPart !== undefined;
      return await request({ kind: "answer", program: found(), inputs, parts }, options);
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
