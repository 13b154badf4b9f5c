import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import { SHARE_ENV, Worker } from "node:worker_threads";
import type { LoadOptions } from "./api.ts";
import type { Answer } from "./decode/answer.ts";
import { PawError } from "./errors.ts";
import type { AnswerOptions } from "./function.ts";
import { close, closeNow, createGuard, type GuardState } from "./guard.ts";
import { Connection, type Port, type PortEvents } from "./protocol/connection.ts";
import type { Reply, Work } from "./protocol/messages.ts";

/** What a worker needs to find a program and what runs it. */
export interface ProgramSource {
  /** The same for the same function. */
  key: string;
  /** A path, or the file's bytes in memory that threads share. */
  weights: string | Uint8Array;
  interpreter: { id: string; digest: string };
}

export interface WorkerData {
  guard: GuardState;
  /** Threads that compute; absent = onnxruntime's default. */
  threads?: number;
  /** The script that the process runs, where there is one. */
  script?: string;
}

/** Of workers that run. */
const guards = new Set<GuardState>();

/** The process's workers, each with a model of its own; they start when they are needed. */
let workers: Connection<ProgramSource>[] = [];
let size = 1;

/**
 * Has the least busy worker answer; one that is not started yet where all others have something to do.
 *
 * @throws {PawError} `WORKER_FAILED`, `DISPOSED`, and whatever the work ends with
 */
export async function answerInPool(
  program: ProgramSource,
  inputs: unknown[],
  options: AnswerOptions,
): Promise<Answer[]> {
  const idle = workers.find(({ load }) => load === 0);
  const worker = idle ?? (workers.length < size ? connect() : workers.reduce((a, b) => (b.load < a.load ? b : a)));
  return await worker.request({ kind: "answer", program, inputs, parts: options.onPart !== undefined }, options);
}

/**
 * Starts all workers and has each load a program.
 *
 * @param options.workers how many there are to be from now on
 * @throws {RangeError} that is no number of workers
 */
export async function loadInPool(
  program: ProgramSource,
  { workers: wanted, onProgress, signal }: LoadOptions,
): Promise<void> {
  if (wanted !== undefined) resize(wanted);
  while (workers.length < size) connect();
  const work: Work<ProgramSource> = { kind: "load", program };
  await Promise.all(
    workers.map((worker, i) =>
      worker.request(work, { ...(signal && { signal }), ...(i === 0 && onProgress && { onProgress }) }),
    ),
  );
}

/** Tells the workers that nobody has a program any more. */
export function forgetInPool(key: string): void {
  for (const worker of workers) worker.forget(key);
}

/**
 * Ends the workers and frees all their memory; calls that run are rejected with `DISPOSED`. The next call starts them
 * anew.
 *
 * @example
 * await dispose();
 */
export async function dispose(): Promise<void> {
  const hint = "Wait for the calls before you dispose, or call again.";
  const error = new PawError("DISPOSED", "The worker was ended by dispose() while the call ran.", hint);
  await Promise.all(workers.map((worker) => worker.close(error)));
}

/**
 * Workers that are there share the cores in another way, so others take their places; they end what they have begun.
 */
function resize(wanted: number): void {
  if (!Number.isInteger(wanted) || wanted < 1) throw new RangeError(`workers is ${wanted}; it is 1 or more.`);
  if (wanted === size) return;
  size = wanted;
  const before = workers;
  workers = [];
  for (const worker of before) worker.retire();
}

function connect(): Connection<ProgramSource> {
  const worker = new Connection<ProgramSource>(start, () => {
    workers = workers.filter((other) => other !== worker);
  });
  workers.push(worker);
  return worker;
}

/** The worker's script, where this package is installed. */
function workerFile(): URL {
  try {
    // The same file from dist and, in our own tests, from src. Tools that copy what a server needs read this line.
    const beside = new URL("../dist/node-worker.js", import.meta.url);
    if (existsSync(beside)) return beside;
  } catch {
    // Vitest rewrites that line for pages (`self.location`), and then runs them in Node.
  }
  // This file is a part of a bundle; what the worker needs lies in node_modules nevertheless.
  const manifest = createRequire(import.meta.url).resolve("@unplugin-paw/runtime/package.json");
  return new URL("dist/node-worker.js", pathToFileURL(manifest));
}

async function start({ onReply, onFailure }: PortEvents): Promise<Port<ProgramSource>> {
  const [, script] = process.argv;
  const guard = createGuard();
  const data: WorkerData = {
    guard,
    ...(size > 1 && { threads: Math.max(1, Math.floor(availableParallelism() / size)) }),
    ...(script !== undefined && { script }),
  };
  let worker: Worker;
  try {
    worker = new Worker(workerFile(), {
      name: "unplugin-paw",
      workerData: data,
      // What the process was started with (loaders, an inspector) is for the app.
      execArgv: [],
      // A copy of the environment would be invisible to onnxruntime, which is told there not to phone home.
      env: SHARE_ENV,
    });
  } catch (cause) {
    throw failed((cause as Error).message, cause);
  }
  if (guards.size === 0) process.on("exit", closeAll);
  guards.add(guard);
  worker.on("message", (reply: Reply) => onReply(reply));
  worker.on("error", (cause: Error) => onFailure(failed(cause.message, cause)));
  worker.on("exit", (code) => {
    guards.delete(guard);
    if (guards.size === 0) process.off("exit", closeAll);
    onFailure(failed(`it ended with code ${code}`));
  });
  return {
    post: (request) => worker.postMessage(request),
    async terminate() {
      await close(guard);
      await worker.terminate();
    },
    hold: (waits) => (waits ? worker.ref() : worker.unref()),
  };
}

/** The process ends, and its threads with it. */
function closeAll(): void {
  for (const guard of guards) closeNow(guard);
}

function failed(reason: string, cause?: unknown): PawError {
  return new PawError(
    "WORKER_FAILED",
    `The worker thread that runs the model failed: ${reason}.`,
    "Keep @unplugin-paw/runtime out of the bundle (external) and in node_modules, where its worker's file lies beside it; under Node's permission model allow it with --allow-worker and --allow-addons.",
    { cause },
  );
}
