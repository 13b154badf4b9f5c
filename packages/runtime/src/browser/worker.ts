/// <reference lib="dom" />
import { decodeProgram, type Program } from "@unplugin-paw/program";
import { answer, type Engine } from "../answer.ts";
import { PawError } from "../errors.ts";
import { openEngine } from "./engine.ts";
import { open, read, retry } from "./fetch.ts";
import { type LoadContext, Loads } from "./loads.ts";
import type { ProgramSource, Reply, Request, WireAnswer } from "./messages.ts";
import { toWire } from "./wire.ts";

/** The part of a dedicated worker's scope that is used. */
interface Scope {
  name: string;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply): void;
}

const engines = new Loads<Engine>();
const programs = new Loads<Program>();
const running = new Map<number, AbortController>();

const scope = globalThis as unknown as Scope;
// onnxruntime starts its threads from this same file: they are its own, and listen to it only.
if (!scope.name.startsWith("em-pthread")) {
  scope.onmessage = ({ data: request }) => {
    if (request.kind === "abort") running.get(request.id)?.abort();
    else void respond(request);
  };
  scope.postMessage({ kind: "ready" });
}

/** Does what the page asks and replies, whatever comes of it. */
async function respond(request: Exclude<Request, { kind: "abort" }>): Promise<void> {
  const { id, kind, program: source } = request;
  const abort = new AbortController();
  const { signal } = abort;
  running.set(id, abort);
  try {
    const onProgress: LoadContext["onProgress"] = (progress) => scope.postMessage({ kind: "progress", id, progress });
    const [engine, program] = await Promise.all([
      engines.get(source.interpreter.manifest.digest, (context) => openEngine(source.interpreter, context), {
        signal,
        onProgress,
      }),
      programs.get(source.weights, (context) => openProgram(source, context), { signal, onProgress }),
    ]);
    const answers = kind === "load" ? [] : await run(engine, program, request.inputs, signal);
    scope.postMessage({ kind: "done", id, answers });
  } catch (error) {
    scope.postMessage({ kind: "failed", id, error: toWire(error) });
  } finally {
    running.delete(id);
  }
}

async function run(
  engine: Engine,
  program: Program,
  inputs: readonly unknown[],
  signal: AbortSignal,
): Promise<WireAnswer[]> {
  const answers = await engine.session.exclusive(async () => {
    signal.throwIfAborted();
    return await answer(engine, program, inputs, signal);
  });
  return answers.map((one) => (one.error ? { error: toWire(one.error) } : one));
}

/** The program of a URL. A program is small, and has a checksum of its own: the browser's HTTP cache is enough. */
async function openProgram({ weights, interpreter }: ProgramSource, { signal }: LoadContext): Promise<Program> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  try {
    await retry(signal, async (tries) => {
      chunks.length = 0;
      const response = await open(weights, tries > 1 ? "reload" : "default", signal);
      await read(response, weights, signal, (chunk) => chunks.push(chunk as Uint8Array<ArrayBuffer>));
    });
  } catch (cause) {
    if (!(cause instanceof PawError)) throw cause;
    throw new PawError("NO_PROGRAM", `Cannot read the program. ${cause.message}`, cause.hint, { cause });
  }
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return decodeProgram(bytes, { interpreter: interpreter.manifest });
}
