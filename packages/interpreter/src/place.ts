import { constants } from "node:fs";
import { chmod, copyFile, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeOnce, onDisk, sha256File, sync, writeFolder } from "@unplugin-paw/disk";
import type { InterpreterCard } from "./card.ts";
import { findCard } from "./cards.ts";
import { type Converted, readConverted } from "./converted.ts";
import { InterpreterError } from "./errors.ts";
import { pawHome } from "./homes.ts";
import { digestOf } from "./identity.ts";
import { inStore } from "./in-store.ts";
import { findConverted, folderIn, type OpenOptions, openInterpreter } from "./open.ts";

/** What {@link fetchInterpreter} put in place, or found there. */
export interface Fetched {
  id: string;
  digest: string;
  /** The folder that `PAW_HOME` is to name, an absolute path. */
  home: string;
  /** Bytes of the interpreter's files. */
  bytes: number;
  /** False where it was there already. */
  written: boolean;
}

/**
 * Puts an interpreter into a folder, ready to run, for machines that must not fetch it or cannot: an image, an app, a
 * server without a network. It comes from this user's store or one beside, where one has it, else from the network. It
 * appears whole or not at all, and a call that was killed is gone on with by the next one.
 *
 * @param options `to`: the folder, default {@link pawHome}. Files of others in it are left alone.
 * @throws {InterpreterError} whatever {@link openInterpreter} throws
 * @example
 * await fetchInterpreter({ to: "paw" }); // then PAW_HOME=paw node dist/server.js
 */
export async function fetchInterpreter({
  to,
  ...options
}: Pick<OpenOptions, "card" | "gguf" | "onProgress" | "signal"> & { to?: string } = {}): Promise<Fetched> {
  const home = to === undefined ? pawHome() : resolve(to);
  const card = options.card ?? findCard();
  const { id } = card;
  const digest = await digestOf(card, options.gguf);
  const there = await findConverted(card, digest, { home });
  if (there) return { id, digest, home, bytes: sizeOf(there), written: false };
  const other = await findConverted(card, digest);
  if (other) await copy(other, home, card, options);
  else await openInterpreter({ ...options, home });
  await rmdir(join(home, "models")).catch(() => {}); // where it is empty now
  const made = (await findConverted(card, digest, { home })) as Converted;
  return { id, digest, home, bytes: sizeOf(made), written: true };
}

function sizeOf({ manifest }: Converted): number {
  return Object.values(manifest.files).reduce((sum, bytes) => sum + bytes, 0);
}

async function copy(
  { manifest, model }: Converted,
  home: string,
  card: InterpreterCard,
  { onProgress, signal }: Pick<OpenOptions, "onProgress" | "signal">,
): Promise<void> {
  const folder = folderIn(home, card, manifest.digest);
  const from = dirname(model);
  const names = [...Object.keys(manifest.files), "interpreter.json"];
  const look = () => readConverted(folder, manifest.digest);
  const make = async (signal: AbortSignal) => {
    const write = async (partial: string) => {
      for (const name of names) await copyVerified(join(from, name), join(partial, name), signal);
    };
    await onDisk(folder, () => writeFolder(folder, write));
    return (await look()) as Converted;
  };
  const onWait = () => onProgress?.({ stage: "wait", source: folder, loaded: 0 });
  await inStore(() => makeOnce(folder, { look, make, onWait, ...(signal && { signal }) }));
}

async function copyVerified(from: string, to: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o644); // a container's user is another one
  await sync(to);
  const [expected, found] = await Promise.all([from, to].map((path) => sha256File(path, { signal })));
  if (expected === found) return;
  throw new InterpreterError("MODEL_DIGEST", `${to} is no true copy of ${from}.`, "Check the disk, and run again.");
}
