import { isatty } from "node:tty";
import { MessageChannel, type MessagePort, receiveMessageOnPort, SHARE_ENV, Worker } from "node:worker_threads";

/** What the thread is started with. */
export interface Start {
  port: MessagePort;
  /** Counts the answers; the importing thread sleeps until it changes. */
  answers: Int32Array;
  /** Columns of the terminal that shows progress; absent where there is none. */
  columns?: number;
}

/** What the thread answers, with the lines that the user should see. */
export type Answer = { lines: string[] } & ({ code: string } | { failed: string });

interface Thread {
  worker: Worker;
  port: MessagePort;
  answers: Int32Array;
  idle?: NodeJS.Timeout;
}

/** How long the thread is kept for the next spec, milliseconds: one that has compiled holds the model. */
const PATIENCE = 1000;

let thread: Thread | undefined;

/**
 * The module of a spec, as code; compiles what has to be. This thread waits: Node's hooks for `require` cannot give a
 * promise. The work is done in another thread, whose code is loaded for the first spec only.
 *
 * @throws {Error} what is wrong with the spec or the compile, as the plugin says it
 */
export function loadSpec(file: string): string {
  thread ??= start();
  const { port, answers } = thread;
  clearTimeout(thread.idle);
  const before = Atomics.load(answers, 0);
  port.postMessage(file);
  Atomics.wait(answers, 0, before);
  thread.idle = setTimeout(stop, PATIENCE).unref();
  const answer = receiveMessageOnPort(port)?.message as Answer | undefined;
  if (!answer) {
    stop();
    throw new Error(`unplugin-paw: the thread that compiles ${file} ended.`);
  }
  for (const line of answer.lines) process.stderr.write(`${line}\n`);
  if ("code" in answer) return answer.code;
  throw withoutStack(new Error(answer.failed));
}

function start(): Thread {
  const { port1: port, port2 } = new MessageChannel();
  const answers = new Int32Array(new SharedArrayBuffer(4));
  const shown = isatty(2) && !process.env.CI;
  const workerData: Start = { port: port2, answers, ...(shown && { columns: process.stderr.columns ?? 80 }) };
  // (Not with this thread's own --import: that would be hooks in hooks.)
  const worker = new Worker(new URL("./register-worker.js", import.meta.url), {
    ...{ workerData, transferList: [port2], execArgv: [], env: SHARE_ENV },
  });
  worker.unref();
  port.unref();
  return { worker, port, answers };
}

/** (It would show how Node calls a hook.) */
function withoutStack(error: Error): Error {
  error.stack = String(error);
  return error;
}

function stop(): void {
  void thread?.worker.terminate();
  thread = undefined;
}
