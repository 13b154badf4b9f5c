import { fork } from "node:child_process";
import { createRequire } from "node:module";
import type { Spec } from "@unplugin-paw/spec";
import { type Compiled, type CompileOptions, findProgram } from "./compile.ts";
import type { CompileProgress } from "./progress.ts";

/** As for a compile here, but with a cache: the program comes through it. */
export interface BackgroundOptions extends CompileOptions {
  cache: string;
}

/** What the process is told, once. */
export interface Order {
  spec: Spec;
  options: Omit<BackgroundOptions, "signal" | "onProgress" | "onWarning">;
}

/** What it tells: how far it is, and at last how it ended. */
export type News =
  | { progress: CompileProgress }
  | { warning: string }
  | { seconds: number }
  | { failed: { message: string; hint?: string } };

/**
 * How long a process that was told to stop may take to give its locks back; a step of training takes a second or two.
 */
const patience = 15_000;

/**
 * Compiles in a process of its own and of low priority, so that this one goes on (onnxruntime computes on the calling
 * thread) and keeps the machine's speed. The process ends with this one, however this one ends. The program is in the
 * cache then; whether its tests score as the spec asks, the report says.
 *
 * @throws the process's error, with its `hint`; the signal's reason when aborted, once the process has ended
 * @example
 * const { report } = await compileInBackground(spec, { cache: "node_modules/.cache/unplugin-paw", signal });
 */
export async function compileInBackground(spec: Spec, options: BackgroundOptions): Promise<Compiled> {
  const { signal, onProgress: _progress, onWarning: _warning, ...rest } = options;
  signal?.throwIfAborted();
  // A storage is made of functions, which cannot be sent.
  const order: Order = { spec, options: typeof rest.remote === "object" ? { ...rest, remote: false } : rest };
  const seconds = await runProcess(order, options);
  const compiled = await findProgram(spec, rest);
  if (compiled) return { ...compiled, cached: false, seconds };
  const message = `The program of ${spec.id} was made, but is not in the cache ${rest.cache}.`;
  throw Object.assign(new Error(message), {
    hint: "Is the folder emptied by another program? Save the spec to try again.",
  });
}

/** Gives the seconds that the compile took. */
function runProcess(order: Order, { signal, onProgress, onWarning }: CompileOptions): Promise<number> {
  const script = createRequire(import.meta.url).resolve("@unplugin-paw/compiler/process");
  const child = fork(script, [], {
    execArgv: [], // a debugger's port is taken
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let end: Exclude<News, { progress: CompileProgress } | { warning: string }> | undefined;
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  child.on("message", (news: News) => {
    if ("progress" in news) onProgress?.(news.progress);
    else if ("warning" in news) onWarning?.(news.warning);
    else end = news;
  });
  child.send(order, () => {}); // (One that cannot be started says so by "error" or "close".)
  // The same way as when this process dies: the channel closes.
  const stop = () => {
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    child.once("exit", () => clearTimeout(timer));
  };
  signal?.addEventListener("abort", stop, { once: true });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    // (There is no "close" for a channel that this side closed.)
    child.once("exit", () => signal?.aborted && reject(signal.reason));
    child.once("close", (code, killedBy) => {
      if (end && "seconds" in end) resolve(end.seconds);
      else if (end) reject(Object.assign(new Error(end.failed.message), { hint: end.failed.hint }));
      else reject(died(killedBy ?? `code ${code}`, complaints));
    });
  });
  return ended.finally(() => signal?.removeEventListener("abort", stop));
}

function died(how: string, complaints: string): Error {
  const said = complaints.trim() === "" ? "" : `:\n${complaints.trim()}`;
  const hint =
    "Training takes about two gigabytes of memory: a system that runs out of it ends processes. Save the spec to try again.";
  return Object.assign(new Error(`The process that compiles in the background ended with ${how}${said}`), { hint });
}
