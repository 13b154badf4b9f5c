import type { WebManifest } from "@unplugin-paw/interpreter/web";

/**
 * Where the page finds what the interpreter needs; a generated module names it. URLs may be relative to the page's
 * document. All programs of a build share one.
 */
export interface InterpreterAssets {
  manifest: WebManifest;
  /** This package's `dist/worker.js`. */
  worker: string;
  /** onnxruntime's WebAssembly. */
  wasm: string;
  model: string;
  /** In the manifest's order. */
  parts: string[];
  tokenizer: string;
}
