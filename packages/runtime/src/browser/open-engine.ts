/// <reference lib="dom" />
import { createTokenizer, Session, type WebFile } from "@unplugin-paw/interpreter/web";
import * as ort from "onnxruntime-web/wasm";
import type { Engine } from "../decode/interfaces.ts";
import { PawError } from "../errors.ts";
import type { LoadContext } from "../protocol/serve.ts";
import type { InterpreterAssets } from "./assets.ts";
import { FileCache, type RemoteFile, sentBytes } from "./files.ts";

/** Of the WebAssembly that belongs to the JavaScript above; the build fills it in. */
declare const ORT_WASM: WebFile;

/** More threads than this do not make so small a model faster. */
const maxThreads = 4;
/** Milliseconds between two reports of progress. */
const progressPause = 50;
/** The smallest module that uses 128-bit vectors. */
const simdModule = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];

/**
 * Loads an interpreter in this worker: its files from the browser's cache or the network, then the session.
 *
 * @throws {PawError} `FILE_MISSING`, `FILE_DIGEST`, `CONNECTION_LOST`, `NO_WEBASSEMBLY`, `OUT_OF_MEMORY`
 */
export async function openEngine(assets: InterpreterAssets, context: LoadContext): Promise<Engine> {
  checkWebAssembly();
  const { id, digest, config, chat, weights: path } = assets.manifest;
  const { wasm, model, weights, tokenizer } = await fetchAll(assets, context);
  context.onProgress({ stage: "load" });
  start(wasm);
  try {
    const session = await Session.open(ort, model, config, { weights: { path, data: weights }, copies: true });
    const vocabulary = createTokenizer(JSON.parse(new TextDecoder().decode(tokenizer)));
    return { interpreter: { id, digest, chat, tokenizer: vocabulary }, session };
  } catch (cause) {
    throw outOfMemory(cause) ?? cause;
  } finally {
    delete (ort.env.wasm as { wasmBinary?: ArrayBufferLike }).wasmBinary;
    // onnxruntime has its own copy: a tenth of a gigabyte should not wait for the garbage collector.
    (weights.buffer as { transfer?: (length: number) => void }).transfer?.(0);
  }
}

/** Where another backend would go: WebGPU needs another build of onnxruntime, with another WebAssembly. */
function start(wasm: Uint8Array<ArrayBuffer>): void {
  const threads = crossOriginIsolated ? Math.min(maxThreads, navigator.hardwareConcurrency || 1) : 1;
  if (!crossOriginIsolated) {
    console.info(
      "[unplugin-paw] The model runs on one thread: the page is not cross-origin isolated. " +
        "More threads need the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.",
    );
  }
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmBinary = wasm.buffer;
}

/** All files at once. The parts of the weights are written side by side into one array, so they are in memory once. */
async function fetchAll({ manifest, ...urls }: InterpreterAssets, { signal, onProgress }: LoadContext) {
  const { id, files } = manifest;
  const weights = new Uint8Array(files.parts.reduce((sum, { bytes }) => sum + bytes, 0));
  const own = ({ bytes }: WebFile) => new Uint8Array(bytes);
  const [wasm, model, tokenizer] = [own(ORT_WASM), own(files.model), own(files.tokenizer)];
  let at = 0;
  const places: { file: RemoteFile; into: Uint8Array<ArrayBuffer> }[] = [
    { file: { ...ORT_WASM, url: urls.wasm, group: "onnxruntime" }, into: wasm },
    { file: { ...files.model, url: urls.model, group: id }, into: model },
    { file: { ...files.tokenizer, url: urls.tokenizer, group: id }, into: tokenizer },
    ...files.parts.map((part, i) => {
      const into = weights.subarray(at, at + part.bytes);
      at += part.bytes;
      return { file: { ...part, url: urls.parts[i] as string, group: id }, into };
    }),
  ];
  const wanted = places.map(({ file }) => file);
  const cache = await FileCache.open();
  const stage = (await cache.hasAll(wanted)) ? "verify" : "download";
  const total = wanted.reduce((sum, file) => sum + sentBytes(file), 0);
  let sum = 0;
  let told = 0;
  const onBytes = (bytes: number) => {
    sum += bytes;
    const loaded = Math.round(sum);
    const now = performance.now();
    if (now - told < progressPause && loaded < total) return;
    told = now;
    onProgress({ stage, loaded, total });
  };
  // The first that fails ends the others: their connections are of no use.
  const failed = new AbortController();
  const options = { signal: AbortSignal.any([signal, failed.signal]), onBytes };
  try {
    await Promise.all(places.map(({ file, into }) => cache.fetch(file, into, options)));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
  if (stage === "download") await cache.prune(wanted);
  return { wasm, model, weights, tokenizer };
}

function checkWebAssembly(): void {
  try {
    new WebAssembly.Module(Uint8Array.from(simdModule));
  } catch (cause) {
    throw new PawError(
      "NO_WEBASSEMBLY",
      `WebAssembly cannot be used here: ${(cause as Error).message}`,
      "A Content-Security-Policy must have 'wasm-unsafe-eval' in script-src, in the response of the worker's script. Browsers have WebAssembly with SIMD since 2021, Safari since 2023.",
      { cause },
    );
  }
}

/** onnxruntime and the browser say in several ways that memory ended. */
function outOfMemory(cause: unknown): PawError | undefined {
  if (!/bad_alloc|out of memory|OOM|enlarge memory|allocation failed|failed to allocate/i.test(`${cause}`))
    return undefined;
  const hint = "The model needs about a gigabyte: close other tabs, or call the function on a server on such devices.";
  return new PawError("OUT_OF_MEMORY", `The model does not fit into memory: ${(cause as Error).message}`, hint, {
    cause,
  });
}
