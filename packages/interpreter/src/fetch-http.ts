import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { hashFile, onDisk } from "@unplugin-paw/disk";
import { LEAST_RATE, Pace } from "./pace.ts";
import { type FetchJob, SourceError } from "./source.ts";

/** A try that brings less than this, or a hundredth of the file, is a poor one; so many in a row end the download. */
const RESUME_BYTES = 2 ** 16;
const POOR_RESUMES = 5;

/** The connection broke; asking for the rest may work. */
class Interrupted extends Error {}

/**
 * Downloads a file, going on from the bytes that `job.partial` has. A cut or stalled connection is taken up again for
 * as long as each try brings new bytes, more than a trickle, and no slower than a modem.
 *
 * @param quietMs longest time without an answer to the connection, milliseconds; a third of it bounds the wait for the
 *   answer's head
 * @returns SHA-256 of the whole file that is now at `job.partial`
 * @throws {SourceError} the server does not give this file
 * @throws {DiskError} the disk refused it
 */
export async function fetchHttp(url: string, job: FetchJob, quietMs = 30_000): Promise<string> {
  for (let poor = 0; ; ) {
    const before = await sizeOf(job.partial);
    try {
      return await fetchRest(url, job, quietMs);
    } catch (error) {
      job.signal.throwIfAborted();
      if (!(error instanceof Interrupted)) throw error;
      const brought = (await sizeOf(job.partial)) - before;
      poor = brought < Math.min(RESUME_BYTES, job.file.bytes / 100) ? poor + 1 : 0;
      if (brought <= 0 || poor === POOR_RESUMES) throw new SourceError(error.message, { cause: error });
      await sleep(250, undefined, { signal: job.signal });
    }
  }
}

async function fetchRest(url: string, job: FetchJob, quietMs: number): Promise<string> {
  const { bytes } = job.file;
  const file = await onDisk(job.partial, () => open(job.partial, "a+"));
  const watchdog = new AbortController();
  const bark = () => watchdog.abort(new Interrupted(`no answer for ${Math.round(quietMs / 100) / 10} s`));
  // An offline machine must go on to the next source soon; a slow server that has answered may take its time.
  let timer = setTimeout(bark, quietMs / 3);
  try {
    const hash = createHash("sha256");
    let loaded = await sizeOf(job.partial);
    const restart = async () => {
      if (loaded > 0) await onDisk(job.partial, () => file.truncate(0));
      loaded = 0;
    };
    if (loaded > bytes) await restart();
    if (loaded < bytes) {
      let response = await request(url, loaded, job.signal, watchdog.signal);
      if (loaded > 0 && !continues(response, loaded)) {
        await response.body?.cancel();
        await restart();
        response = await request(url, 0, job.signal, watchdog.signal);
      }
      check(response, bytes - loaded);
      if (loaded > 0) await hashFile(job.partial, hash, undefined, job.signal);
      const pace = new Pace(2 * quietMs, (LEAST_RATE * 2 * quietMs) / 1000, loaded);
      for await (const chunk of body(response, watchdog.signal)) {
        clearTimeout(timer);
        timer = setTimeout(bark, quietMs);
        if (loaded + chunk.length > bytes) throw new SourceError(`sent more than the expected ${bytes} bytes`);
        await onDisk(job.partial, () => file.appendFile(chunk));
        hash.update(chunk);
        loaded += chunk.length;
        job.onProgress({ stage: "download", loaded, total: bytes });
        if (pace.isTooSlow(loaded)) throw new SourceError(`sends less than ${LEAST_RATE} bytes a second`);
      }
      if (loaded < bytes) throw new Interrupted(`the connection ended after ${loaded} of ${bytes} bytes`);
    } else {
      await hashFile(job.partial, hash, undefined, job.signal);
    }
    return hash.digest("hex");
  } finally {
    clearTimeout(timer);
    // Frees the connection when the body was not read to its end.
    watchdog.abort();
    await file.close();
  }
}

async function request(url: string, from: number, signal: AbortSignal, quiet: AbortSignal): Promise<Response> {
  // A compressed transfer could be neither resumed nor measured.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) headers.range = `bytes=${from}-`;
  try {
    return await fetch(url, { headers, signal: AbortSignal.any([signal, quiet]) });
  } catch (error) {
    throw interrupted(error, quiet);
  }
}

async function* body(response: Response, quiet: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) yield chunk;
  } catch (error) {
    throw interrupted(error, quiet);
  }
}

function interrupted(error: unknown, quiet: AbortSignal): Interrupted {
  if (quiet.reason instanceof Interrupted) return quiet.reason;
  // fetch says only "fetch failed"; what happened is in its cause.
  const { message, cause } = error as Error;
  const detail = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : undefined;
  return new Interrupted(detail ?? message, { cause: error });
}

/** Whether an answer to a range request gives the bytes from `from` on. */
function continues(response: Response, from: number): boolean {
  return response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`) === true;
}

/** A page that asks to log in, or another version of the file, shows in the head: refuse it before a byte is kept. */
function check(response: Response, expected: number): void {
  if (!response.ok) throw new SourceError(`HTTP ${response.status} ${response.statusText}`.trimEnd());
  const length = response.headers.get("content-length");
  if (length !== null && Number(length) !== expected) {
    throw new SourceError(`offers ${length} bytes where ${expected} were expected`);
  }
}

async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined);
  return info?.size ?? 0;
}
