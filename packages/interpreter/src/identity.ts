import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { sha256File } from "@unplugin-paw/disk";
import type { InterpreterCard } from "./card.ts";
import { findCard } from "./cards.ts";
import { InterpreterError } from "./errors.ts";

// Which interpreter it is: apart from what opens one, so that who only asks for a digest (a build whose programs are
// all there) loads none of it.

export { InterpreterError };

/** Increment when the same GGUF converts to other numbers or another graph: it is part of the interpreter's digest. */
const conversionVersion = 2;

/**
 * The digest of the interpreter that files with these SHA-256 convert to: the GGUF, and the delta where the card has
 * one.
 */
export function interpreterDigest(...sha256: string[]): string {
  return createHash("sha256")
    .update([`paw interpreter ${conversionVersion}`, ...sha256].join("\n"))
    .digest("hex");
}

/**
 * Which interpreter `openInterpreter` would open, without fetching or loading it. Hashes the file where a GGUF is
 * given.
 *
 * @throws {InterpreterError} `UNKNOWN_CARD`, `MODEL_UNREADABLE`
 * @example
 * (await identifyInterpreter("smollm2-135m-instruct")).digest;
 */
export async function identifyInterpreter(
  id?: string,
  gguf?: string,
): Promise<{ id: string; digest: string; licence: string }> {
  const card = findCard(id);
  return { id: card.id, digest: await digestOf(card, gguf), licence: card.licence };
}

/** The digest of the interpreter that a card's files convert to, or another GGUF in place of its own. */
export async function digestOf(card: InterpreterCard, gguf: string | undefined): Promise<string> {
  const delta = card.delta ? [card.delta.sha256] : [];
  if (gguf === undefined) return interpreterDigest(card.file.sha256, ...delta);
  const path = resolve(gguf);
  try {
    return interpreterDigest(await sha256File(path), ...delta);
  } catch (cause) {
    const message = `Cannot read the model file ${path}: ${(cause as Error).message}.`;
    throw new InterpreterError("MODEL_UNREADABLE", message, "Check the path and its permissions.", { cause });
  }
}
