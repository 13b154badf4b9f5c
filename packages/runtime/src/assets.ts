import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PawError } from "./errors.ts";

export type { InterpreterAssets } from "./browser/assets.ts";

/** What every page serves beside the interpreter: paths on this machine. */
export interface RuntimeAssets {
  /** The worker: one self-contained module. */
  worker: string;
  /** onnxruntime's WebAssembly, of the version whose JavaScript the worker holds. */
  wasm: string;
}

/**
 * The files of the runtime that a browser fetches by URL, for a plugin to emit.
 *
 * @throws {PawError} `NO_ONNXRUNTIME`: onnxruntime-web is not installed, or another version of it
 * @example
 * const { worker, wasm } = runtimeAssets();
 */
export function runtimeAssets(): RuntimeAssets {
  // The same file from dist and, in our own tests, from src.
  const worker = fileURLToPath(new URL("../dist/worker.js", import.meta.url));
  const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const version: string = own.peerDependencies["onnxruntime-web"];
  const hint = `Install it beside your app: npm install onnxruntime-web@${version}`;
  if (!existsSync(worker)) {
    throw new PawError("NO_ONNXRUNTIME", `${worker} is missing.`, "Build the package, or install it again.");
  }
  let wasm: string;
  try {
    wasm = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  } catch (cause) {
    throw new PawError("NO_ONNXRUNTIME", "onnxruntime-web is not installed.", hint, { cause });
  }
  const found: string = JSON.parse(readFileSync(join(dirname(wasm), "../package.json"), "utf8")).version;
  if (found !== version) {
    // JavaScript and WebAssembly call each other by names that change with every build.
    throw new PawError("NO_ONNXRUNTIME", `onnxruntime-web is ${found}, and must be ${version}.`, hint);
  }
  return { worker, wasm };
}
