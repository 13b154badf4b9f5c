import { lstat, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeOnce, onDisk, readRegularSync, sha256File, sync, writeWholeSync } from "@unplugin-paw/disk";
import type { InterpreterCard, Source } from "./card.ts";
import { InterpreterError } from "./errors.ts";
import { fetchHttp } from "./fetch-http.ts";
import { fetchPip, pipFolder } from "./fetch-pip.ts";
import { fetchCommand, pawHome } from "./homes.ts";
import { inStore } from "./in-store.ts";
import { type FetchJob, SourceError, sourceName } from "./source.ts";

/** One step of a fetch; `loaded` and `total` count bytes. */
export interface FetchProgress {
  /** `wait`: another process is fetching the same file. */
  stage: "wait" | "download" | "unpack" | "verify";
  /** The address or command that the bytes come from; the file's path for `wait` and `verify`. */
  source: string;
  loaded: number;
  total?: number;
}

export interface FetchOptions {
  /** Folder to keep the file in; default: `models/<card id>` in {@link pawHome}. */
  path?: string;
  onProgress?: (progress: FetchProgress) => void;
  signal?: AbortSignal;
}

/**
 * The verified model file of a card, fetched first if it is not there. Safe to call from many processes at once: one
 * fetches, the others wait. A call that is killed or aborted leaves at most a partial download, which the next one
 * goes on with.
 *
 * @returns the file's path
 * @throws {InterpreterError} `MODEL_UNAVAILABLE` with what each source said, `DISK_FULL`, `STORE_UNWRITABLE`,
 *   `STORE_LOCK_LOST`; the signal's reason when aborted
 * @example
 * const path = await fetchModel(findCard(), { onProgress: ({ stage, loaded }) => console.error(stage, loaded) });
 */
export async function fetchModel(card: InterpreterCard, options: FetchOptions = {}): Promise<string> {
  const folder = resolve(options.path ?? join(pawHome(), "models", card.id));
  const target = join(folder, card.file.name);
  const { signal } = options;
  signal?.throwIfAborted();
  const look = async () => ((await isVerified(target, card, options)) ? target : undefined);
  const make = async (signal: AbortSignal) => {
    await fetchInto(target, card, { ...options, signal });
    return target;
  };
  const onWait = () => options.onProgress?.({ stage: "wait", source: target, loaded: 0, total: card.file.bytes });
  return await inStore(() => makeOnce(target, { look, make, onWait, ...(signal && { signal }) }));
}

/**
 * Checks that a file is the one that the card names.
 *
 * @throws {InterpreterError} `MODEL_UNREADABLE`, `MODEL_DIGEST`
 * @example
 * await verifyModel("./SmolLM2-135M-Instruct.Q4_1.gguf", findCard());
 */
export async function verifyModel(
  path: string,
  card: InterpreterCard,
  options: Pick<FetchOptions, "onProgress" | "signal"> = {},
): Promise<void> {
  const { bytes, sha256, name } = card.file;
  const hint = `The interpreter ${card.id} needs ${name} with SHA-256 ${sha256}.`;
  let size: number;
  let digest: string | undefined;
  try {
    size = (await stat(path)).size;
    if (size === bytes) {
      digest = await sha256File(path, {
        onBytes: (loaded) => options.onProgress?.({ stage: "verify", source: path, loaded, total: bytes }),
        ...(options.signal && { signal: options.signal }),
      });
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    const reason = (error as Error).message;
    throw new InterpreterError("MODEL_UNREADABLE", `Cannot read the model file ${path}: ${reason}.`, hint, {
      cause: error,
    });
  }
  if (digest === sha256) return;
  const found = digest ? `its SHA-256 is ${digest}` : `it has ${size} bytes, not ${bytes}`;
  throw new InterpreterError("MODEL_DIGEST", `${path} is not the model file that was expected: ${found}.`, hint);
}

/** Tries the sources in order until `target` holds the card's file. */
async function fetchInto(
  target: string,
  card: InterpreterCard,
  options: FetchOptions & { signal: AbortSignal },
): Promise<void> {
  const partial = `${target}.partial`;
  await onDisk(partial, () => clearWay(partial));
  await onDisk(partial, () => rm(pipFolder(partial), { recursive: true, force: true }));
  const failures: string[] = [];
  for (const source of card.sources) {
    const name = sourceName(source);
    const job: FetchJob = {
      file: card.file,
      partial,
      onProgress: (progress) => options.onProgress?.({ source: name, ...progress }),
      signal: options.signal,
    };
    try {
      await fetchFrom(source, job);
      // (A device can take all bytes that it is given and have none of them.)
      if (!(await lstat(partial)).isFile()) throw new SourceError(`was written to ${partial}, which is no file`);
      await onDisk(target, async () => {
        await sync(partial);
        await rename(partial, target);
      });
      await markVerified(target, card);
      return;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof SourceError)) throw error;
      failures.push(`  ${name}: ${error.message}`);
    }
  }
  throw new InterpreterError(
    "MODEL_UNAVAILABLE",
    `Could not get ${card.file.name} (${Math.round(card.file.bytes / 1e6)} MB), the model that runs every program. Tried:\n${failures.join("\n")}`,
    `Check the network and run again; or put the file (SHA-256 ${card.file.sha256}) at ${target}; ` +
      "or give the path of a copy as the option `gguf`. " +
      `For a machine without a network: ${fetchCommand("FOLDER")} on another one, and PAW_HOME=FOLDER there.`,
  );
}

/** A download goes on in a file. A pipe would keep us waiting for who reads it. */
async function clearWay(partial: string): Promise<void> {
  const info = await stat(partial).catch(() => undefined);
  if (info && (info.isFIFO() || info.isSocket() || info.isDirectory())) await rm(partial, { recursive: true });
}

async function fetchFrom(source: Source, job: FetchJob): Promise<void> {
  let digest = "";
  // The second try is for bytes that went wrong on the way or in an earlier, broken run.
  for (let tries = 0; tries < 2; tries++) {
    digest = source.kind === "http" ? await fetchHttp(source.url, job) : await fetchPip(source, job);
    if (digest === job.file.sha256) return;
    await rm(job.partial, { force: true });
  }
  throw new SourceError(`sent other bytes, with SHA-256 ${digest}`);
}

/**
 * Whether `path` holds the card's file. Hashing it takes a good part of a second, so what was verified is noted beside
 * it with the time of its last change; a file that somebody put there by hand is hashed once.
 */
async function isVerified(path: string, card: InterpreterCard, options: FetchOptions): Promise<boolean> {
  const note = readNote(noteOf(path));
  if (note !== undefined && note === (await noteFor(path, card))) return true;
  try {
    await verifyModel(path, card, options);
  } catch (error) {
    if (error instanceof InterpreterError) return false;
    throw error;
  }
  await markVerified(path, card);
  return true;
}

async function markVerified(path: string, card: InterpreterCard): Promise<void> {
  const note = await noteFor(path, card);
  // The note only saves time: a folder that cannot be written (a shared, read-only copy) goes without.
  try {
    if (note) writeWholeSync(noteOf(path), note);
  } catch {}
}

function readNote(path: string): string | undefined {
  try {
    return readRegularSync(path, { maxBytes: 1024, follow: false }).bytes.toString();
  } catch {
    return undefined;
  }
}

function noteOf(path: string): string {
  return `${path}.verified`;
}

async function noteFor(path: string, card: InterpreterCard): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() && info.size === card.file.bytes
    ? `${card.file.sha256} ${info.size} ${info.mtimeMs}\n`
    : undefined;
}
