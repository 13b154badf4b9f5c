/// <reference lib="dom" />

import type { Answer } from "../decode/answer.ts";
import { PawError } from "../errors.ts";
import { Connection, type Port, type PortEvents, type RequestOptions } from "../protocol/connection.ts";
import type { Reply, Work } from "../protocol/messages.ts";
import type { InterpreterAssets } from "./assets.ts";

/**
 * What the worker needs to find a program and what runs it. All URLs are absolute: the worker lies elsewhere than the
 * page.
 */
export interface ProgramSource {
  weights: string;
  interpreter: InterpreterAssets;
}

/** The page's one worker, while it has one. */
let current: Connection<ProgramSource> | undefined;

/**
 * Has the page's worker do something; the first call starts it.
 *
 * @throws {PawError} `WORKER_FAILED`, `DISPOSED`, and whatever the work ends with
 */
export async function request(work: Work<ProgramSource>, options: RequestOptions): Promise<Answer[]> {
  current ??= connect(work.program.interpreter.worker);
  return await current.request(work, options);
}

/**
 * Ends the page's worker and frees all its memory; calls that run are rejected with `DISPOSED`. The next call starts it
 * anew.
 *
 * @example
 * await dispose();
 */
export async function dispose(): Promise<void> {
  const hint = "Wait for the calls before you dispose, or call again.";
  await current?.close(new PawError("DISPOSED", "The worker was ended by dispose() while the call ran.", hint));
}

function connect(url: string): Connection<ProgramSource> {
  const connection = new Connection<ProgramSource>(
    (events) => start(url, events),
    () => {
      if (current === connection) current = undefined;
    },
  );
  return connection;
}

async function start(url: string, { onReply, onFailure }: PortEvents): Promise<Port<ProgramSource>> {
  const sameOrigin = new URL(url).origin === location.origin;
  const script = sameOrigin ? url : await copyScript(url);
  let worker: Worker;
  try {
    worker = new Worker(script, { type: "module", name: "unplugin-paw" });
  } catch (cause) {
    throw failed(url, (cause as Error).message, cause);
  }
  let ready = false;
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    ready ||= data.kind === "ready";
    onReply(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(failed(url, event.message || (ready ? "it broke" : "its script could not be loaded")));
  };
  return { post: (request) => worker.postMessage(request), terminate: () => worker.terminate() };
}

/**
 * A worker's script must come from the page's own origin. One from elsewhere (a CDN) is copied whole, so that
 * onnxruntime, which starts its threads from the same script, may do so too.
 */
async function copyScript(url: string): Promise<string> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    return URL.createObjectURL(new Blob([await response.blob()], { type: "text/javascript" }));
  } catch (cause) {
    throw failed(url, (cause as Error).message, cause);
  }
}

function failed(url: string, reason: string, cause?: unknown): PawError {
  const hint =
    "Deploy the whole output folder. A Content-Security-Policy must allow the script in worker-src ('self', or blob: where assets lie on another host, which must send Access-Control-Allow-Origin); " +
    "a page with Cross-Origin-Embedder-Policy needs that header in the script's response too.";
  return new PawError("WORKER_FAILED", `The worker ${url} failed: ${reason}.`, hint, { cause });
}
