/// <reference lib="dom" />
import { InputError } from "@unplugin-paw/program";
import type { Answer } from "../answer.ts";
import { PawError } from "../errors.ts";
import type { LoadOptions } from "../types.ts";
import type { Reply, Request, Work } from "./messages.ts";
import { fromWire, isFatal } from "./wire.ts";

interface Waiting {
  resolve: (answers: Answer[]) => void;
  reject: (error: unknown) => void;
  onProgress: LoadOptions["onProgress"];
}

/** The page's one worker, while it has one. */
let current: Connection | undefined;
let lastId = 0;

/**
 * Has the page's worker do something; the first call starts it.
 *
 * @throws {PawError} `WORKER_FAILED`, `DISPOSED`, and whatever the work ends with
 */
export async function request(work: Work, options: LoadOptions): Promise<Answer[]> {
  current ??= new Connection(work.program.interpreter.worker);
  return await current.request(work, options);
}

/**
 * Ends the page's worker and frees all its memory; calls that run are rejected with `DISPOSED`. The next call starts it anew.
 *
 * @example
 * await dispose();
 */
export async function dispose(): Promise<void> {
  const hint = "Wait for the calls before you dispose, or call again.";
  current?.close(new PawError("DISPOSED", "The worker was ended by dispose() while the call ran.", hint));
}

/** A worker and what it was asked for. */
class Connection {
  private readonly waiting = new Map<number, Waiting>();
  private readonly started: Promise<Worker>;
  private ready = false;
  private closed: PawError | undefined;

  constructor(url: string) {
    this.started = this.start(url);
    this.started.catch((error) => this.close(error));
  }

  async request(work: Work, { signal, onProgress }: LoadOptions): Promise<Answer[]> {
    const worker = await this.started;
    if (this.closed) throw this.closed;
    signal?.throwIfAborted();
    const id = ++lastId;
    const send = (request: Request) => worker.postMessage(request);
    const abort = () => send({ id, kind: "abort" });
    try {
      return await new Promise((resolve, reject) => {
        send({ id, ...work });
        this.waiting.set(id, { resolve, reject, onProgress });
        signal?.addEventListener("abort", abort, { once: true });
      });
    } catch (error) {
      throw (error as Error).name === "DataCloneError" ? notCloned(error as Error) : error;
    } finally {
      this.waiting.delete(id);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends the worker; whoever waits gets the error, and the next request a new worker. */
  close(error: PawError): void {
    this.closed ??= error;
    if (current === this) current = undefined;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    void this.started.then(
      (worker) => worker.terminate(),
      () => {},
    );
  }

  private async start(url: string): Promise<Worker> {
    const sameOrigin = new URL(url).origin === location.origin;
    const script = sameOrigin ? url : await copyScript(url);
    let worker: Worker;
    try {
      worker = new Worker(script, { type: "module", name: "unplugin-paw" });
    } catch (cause) {
      throw failed(url, (cause as Error).message, cause);
    }
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      const reason = event.message || (this.ready ? "it broke" : "its script could not be loaded");
      this.close(failed(url, reason));
    };
    return worker;
  }

  private receive(reply: Reply): void {
    if (reply.kind === "ready") {
      this.ready = true;
      return;
    }
    const waiting = this.waiting.get(reply.id);
    if (reply.kind === "progress") waiting?.onProgress?.(reply.progress);
    if (reply.kind === "done") {
      const answers = reply.answers.map(
        (answer): Answer =>
          "error" in answer && answer.error ? ({ error: fromWire(answer.error) } as Answer) : (answer as Answer),
      );
      waiting?.resolve(answers);
    }
    if (reply.kind !== "failed") return;
    const error = fromWire(reply.error);
    waiting?.reject(error);
    if (isFatal(reply.error)) this.close(error as PawError);
  }
}

/**
 * A worker's script must come from the page's own origin. One from elsewhere (a CDN) is copied whole, so that onnxruntime, which starts
 * its threads from the same script, may do so too.
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

function notCloned({ message }: Error): InputError {
  return new InputError("type", `the input is nothing that can be sent to a worker: ${message}`);
}
