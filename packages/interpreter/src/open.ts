import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeOnce, onDisk, readRegular } from "@unplugin-paw/disk";
import type { InterpreterCard } from "./card.ts";
import { findCard } from "./cards.ts";
import { type Converted, MAX_JSON, type Manifest, readConverted } from "./converted.ts";
import { InterpreterError } from "./errors.ts";
import { fetchCommand, homes, pawHome } from "./homes.ts";
import { digestOf } from "./identity.ts";
import { inStore } from "./in-store.ts";
import { type FetchProgress, fetchModel, verifyModel } from "./model-file.ts";
import { createTokenizer, type Tokenizer } from "./tokenizer.ts";

/** A frozen language model, ready to be run: see `openSession`. */
export interface Interpreter extends Omit<Manifest, "files"> {
  tokenizer: Tokenizer;
  /** Path of the run graph (ONNX). */
  model: string;
  /** Path of the file of its weights; `places` says where each one lies. */
  data: string;
}

export interface OpenOptions {
  /** Which interpreter; default `paw-135m`. */
  card?: InterpreterCard;
  /**
   * A local GGUF in place of the card's file. Any model of the card's architecture will do; another file is another
   * interpreter.
   */
  gguf?: string;
  /** The digest of the build that is wanted, as a program names it; default: that of the card's file. */
  digest?: string;
  /** Path of the program's file: the interpreter may lie in a folder `paw` beside it, or beside a folder above. */
  program?: string;
  /** The one folder where the interpreter is looked for and made; default: see `homes`. */
  home?: string;
  onProgress?: (progress: FetchProgress | { stage: "convert" }) => void;
  signal?: AbortSignal;
}

/**
 * The interpreter of a card: fetched, verified and converted if this user's store does not have it, which takes a
 * download of about 100 MB and some seconds, once. Later calls take the time of reading the vocabulary.
 *
 * @throws {InterpreterError} whatever {@link fetchModel} throws, `GGUF_INVALID`, `GGUF_UNSUPPORTED`, `MODEL_UNREADABLE`
 * @example
 * const interpreter = await openInterpreter();
 * interpreter.tokenizer.encode("Hello"); // [19556]
 */
export async function openInterpreter(options: OpenOptions = {}): Promise<Interpreter> {
  const card = options.card ?? findCard();
  const made = await digestOf(card, options.gguf);
  const digest = options.digest ?? made;
  const converted = (await findConverted(card, digest, options)) ?? (await make(card, digest, made, options));
  const { files: _, ...manifest } = converted.manifest;
  const tokenizer = createTokenizer(
    JSON.parse((await readRegular(converted.tokenizer, { maxBytes: MAX_JSON })).toString()),
  );
  return { ...manifest, tokenizer, model: converted.model, data: converted.data };
}

/** Where a store has an interpreter. */
export function folderIn(home: string, card: InterpreterCard, digest: string): string {
  return join(home, "interpreters", `${card.id}-${digest.slice(0, 16)}`);
}

/** The interpreter where it is ready, in the first folder that has it. */
export async function findConverted(
  card: InterpreterCard,
  digest: string,
  { home, program }: Pick<OpenOptions, "home" | "program"> = {},
): Promise<Converted | undefined> {
  for (const place of home === undefined ? homes(program) : [home]) {
    const converted = await readConverted(folderIn(place, card, digest), digest);
    if (converted) return converted;
  }
  return undefined;
}

async function make(card: InterpreterCard, digest: string, made: string, options: OpenOptions): Promise<Converted> {
  if (digest !== made) {
    throw new InterpreterError(
      "WRONG_DIGEST",
      `The program was compiled for the build ${digest.slice(0, 12)} of ${card.id}, which is not here; this version makes ${made.slice(0, 12)}.`,
      "Compile the spec again, or give the GGUF that it was compiled with as the option `gguf`.",
    );
  }
  const folder = folderIn(options.home ?? pawHome(), card, digest);
  try {
    return await makeIn(folder, card, digest, options);
  } catch (error) {
    if (!(error instanceof InterpreterError && error.code === "STORE_UNWRITABLE")) throw error;
    throw new InterpreterError(
      "STORE_UNWRITABLE",
      `The interpreter ${card.id} is missing in ${folder}, and cannot be put there. ${error.message}`,
      `Fill a folder where there is a network (${fetchCommand("FOLDER")}) and set PAW_HOME to it; or make this one writable.`,
      { cause: error },
    );
  }
}

/** Fetches and converts; safe to call from many processes at once. */
async function makeIn(folder: string, card: InterpreterCard, digest: string, options: OpenOptions): Promise<Converted> {
  const { signal, onProgress } = options;
  const fetchOptions = {
    ...(signal && { signal }),
    ...(options.home !== undefined && { path: join(options.home, "models", card.id) }),
    ...(onProgress && { onProgress }),
  };
  const source = options.gguf === undefined ? await fetchModel(card, fetchOptions) : resolve(options.gguf);
  const look = () => readConverted(folder, digest);
  const onWait = () => onProgress?.({ stage: "convert" });
  const make = async (signal: AbortSignal) => {
    onProgress?.({ stage: "convert" });
    if (options.gguf === undefined) await verifyModel(source, card, { signal });
    // Its code takes as long to load as all others, and runs once on a machine.
    const { convert } = await import("./convert.ts");
    await convert(source, card, digest, folder);
    // The run graph holds every number of the GGUF: a second copy would only take room.
    if (options.gguf === undefined) await onDisk(source, () => rm(dirname(source), { recursive: true, force: true }));
    return (await look()) as Converted;
  };
  return await inStore(() => makeOnce(folder, { look, make, onWait, ...(signal && { signal }) }));
}
