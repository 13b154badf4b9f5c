/// <reference lib="dom" />
import { PawError } from "../errors.ts";

/** Tries of a file whose connection breaks. */
const connectionTries = 3;
/** Tries of a file that arrives with other bytes: a second one goes past the browser's own cache. */
const digestTries = 2;
/** Pause before the second try, milliseconds; each further one is twice as long. */
const firstPause = 300;

const online = "Check that the device is online; the next call tries again.";

/**
 * Begins a download.
 *
 * @param cache how the browser's own HTTP cache is used
 * @throws {PawError} `FILE_MISSING`, `CONNECTION_LOST`
 */
export async function open(url: string, cache: RequestCache, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { cache, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const hint = `${online} A file on another host must be served with Access-Control-Allow-Origin, and the page's Content-Security-Policy must allow it (connect-src).`;
    throw new PawError("CONNECTION_LOST", `Cannot fetch ${url}: ${(cause as Error).message}.`, hint, { cause });
  }
  const { ok, status } = response;
  if (ok && response.body) return response;
  await response.body?.cancel();
  if (status >= 500 || status === 429) {
    throw new PawError("CONNECTION_LOST", `The server answers ${status} for ${url}.`, "The next call tries again.");
  }
  const hint =
    "It is an asset of the build: deploy the whole output folder, and check the base URL that the build was made for.";
  throw new PawError("FILE_MISSING", `The server answers ${status} for ${url}.`, hint);
}

/** Reads a body chunk by chunk. @throws {PawError} `CONNECTION_LOST` */
export async function read(
  response: Response,
  url: string,
  signal: AbortSignal,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((cause) => {
      signal.throwIfAborted();
      throw new PawError("CONNECTION_LOST", `The connection broke while ${url} came.`, online, { cause });
    });
    if (done) return;
    try {
      onChunk(value);
    } catch (error) {
      await reader.cancel().catch(() => {});
      throw error;
    }
  }
}

/**
 * Does work that needs the network again where that may help. What is missing stays missing.
 *
 * @param work is told which try it is, from 1
 */
export async function retry<T>(signal: AbortSignal, work: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work(tries);
    } catch (error) {
      signal.throwIfAborted();
      const code = error instanceof PawError ? error.code : undefined;
      const limit = code === "CONNECTION_LOST" ? connectionTries : code === "FILE_DIGEST" ? digestTries : 1;
      if (tries >= limit) throw error;
      await new Promise((resolve) => setTimeout(resolve, firstPause * 2 ** (tries - 1)));
      signal.throwIfAborted();
    }
  }
}
