import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { makeOnce, onDisk, readRegular, sha256File, writeFolder } from "@unplugin-paw/disk";
import type { InterpreterCard } from "./card.ts";
import type { LlamaConfig } from "./config.ts";
import { MAX_JSON } from "./converted.ts";
import { InterpreterError } from "./errors.ts";
import { inStore } from "./in-store.ts";
import type { Interpreter } from "./open.ts";
import { webGraph } from "./web-graph.ts";

/** Static hosts refuse files from 25 MiB on; packed, a part is a tenth smaller. */
const partBytes = 24 * 2 ** 20;

/** What a browser checks a file against. */
export interface WebFile {
  bytes: number;
  /** Of the file, before it was packed; lower-case hexadecimal. */
  sha256: string;
  /**
   * Bytes that are sent, of a file that is packed with gzip: hosts do that by themselves, but not for files of weights.
   */
  packed?: number;
}

/** All that a browser must know of an interpreter before it fetches one: small, plain JSON. */
export interface WebManifest {
  id: string;
  digest: string;
  config: LlamaConfig;
  chat: InterpreterCard["chat"];
  /** The run graph's own name for the file of its weights. */
  weights: string;
  /** The run graph; its weights, cut into parts that follow each other; the vocabulary. */
  files: { model: WebFile; parts: WebFile[]; tokenizer: WebFile };
}

/**
 * Increment when the same interpreter is cut otherwise, or its browser graph is another one: what lies in a store is
 * then made again.
 */
const webVersion = 1;

/** An interpreter as files that a site can serve. */
export interface WebAssets {
  manifest: WebManifest;
  /** Paths on this machine, in the manifest's order. */
  files: { model: string; parts: string[]; tokenizer: string };
}

/**
 * An interpreter as a browser fetches it: a graph for WebAssembly, and the weights, cut into parts of at most 24 MiB
 * and packed with gzip. They are made once, within seconds, lie beside the converted interpreter in the user's store,
 * and are gone with it.
 *
 * @throws {InterpreterError} `DISK_FULL`, `STORE_UNWRITABLE`, `STORE_LOCK_LOST`
 * @example
 * const { manifest, files } = await interpreterAssets(await openInterpreter());
 * manifest.files.parts.length === files.parts.length; // true
 */
export async function interpreterAssets(interpreter: Interpreter): Promise<WebAssets> {
  const folder = join(dirname(interpreter.data), `web-${webVersion}`);
  const look = () => read(interpreter, folder);
  const make = async (signal: AbortSignal) => {
    await onDisk(folder, () => writeFolder(folder, (partial) => cut(interpreter, partial, signal)));
    return (await look()) as WebAssets;
  };
  return await inStore(() => makeOnce(folder, { look, make }));
}

/** The assets in `folder`, or undefined where they are missing, or a part of them, or another interpreter's. */
async function read({ digest, data }: Interpreter, folder: string): Promise<WebAssets | undefined> {
  try {
    const manifest: WebManifest = JSON.parse(
      (await readRegular(join(folder, "manifest.json"), { maxBytes: MAX_JSON })).toString(),
    );
    const { files } = manifest;
    const paths = {
      model: join(folder, "run.onnx"),
      parts: files.parts.map((_, i) => join(folder, `run.${i + 1}.data`)),
      tokenizer: join(dirname(data), "tokenizer.json"),
    };
    const sizes: [string, WebFile][] = [
      [paths.model, files.model],
      [paths.tokenizer, files.tokenizer],
      ...files.parts.map((part, i): [string, WebFile] => [paths.parts[i] as string, part]),
    ];
    for (const [path, { bytes, packed }] of sizes) {
      const info = await stat(path);
      if (!info.isFile() || info.size !== (packed ?? bytes)) return undefined;
    }
    return manifest.digest === digest ? { manifest, files: paths } : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts the weights into files of `folder`. */
async function cut(interpreter: Interpreter, folder: string, signal: AbortSignal): Promise<void> {
  const { id, digest, config, chat, data } = interpreter;
  const { size } = await stat(data);
  const starts = Array.from({ length: Math.ceil(size / partBytes) }, (_, i) => i * partBytes);
  const parts = await Promise.all(
    starts.map((start, i) => {
      const bytes = Math.min(partBytes, size - start);
      return packPart(data, start, bytes, join(folder, `run.${i + 1}.data`), signal);
    }),
  );
  const model = join(folder, "run.onnx");
  await writeFile(model, webGraph(interpreter));
  const files = {
    model: await describe(model),
    parts,
    tokenizer: await describe(join(dirname(data), "tokenizer.json")),
  };
  const manifest: WebManifest = { id, digest, config, chat, weights: basename(data), files };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
}

/** Packs a part of the weights with gzip. */
async function packPart(
  data: string,
  start: number,
  bytes: number,
  path: string,
  signal: AbortSignal,
): Promise<Required<WebFile>> {
  const hash = createHash("sha256");
  let read = 0;
  async function* hashed(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      read += chunk.length;
      yield chunk;
    }
  }
  const source = createReadStream(data, { start, end: start + bytes - 1, highWaterMark: 2 ** 20 });
  await pipeline(source, hashed, createGzip(), createWriteStream(path, { flush: true }), { signal });
  if (read < bytes) {
    const hint = "Another process is changing the store: run again.";
    throw new InterpreterError("MODEL_UNREADABLE", `The interpreter's weights ended while ${path} was cut.`, hint);
  }
  return { bytes, sha256: hash.digest("hex"), packed: (await stat(path)).size };
}

async function describe(path: string): Promise<WebFile> {
  return { bytes: (await stat(path)).size, sha256: await sha256File(path) };
}
