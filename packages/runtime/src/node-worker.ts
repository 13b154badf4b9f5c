/** The worker in which Node runs the model: `pool.ts` starts it. */
import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { decodeProgram, type Program } from "@unplugin-paw/program";
import { sharedEngine, sharedInterpreter } from "./engine.ts";
import { guarded } from "./guard.ts";
import type { ProgramSource, WorkerData } from "./pool.ts";
import type { Request } from "./protocol/messages.ts";
import { type LoadContext, serve } from "./protocol/serve.ts";
import { readWeights } from "./read-weights.ts";

/** A third of the normal share where all want the processor. 10, a ninth, gives a server's thread no more. */
const NICE = 5;

yieldToRequests();

const port = parentPort as NonNullable<typeof parentPort>;
const { guard, threads, script } = workerData as WorkerData;
// A thread has its own file there, but an interpreter may lie beside the script that the process runs.
if (script !== undefined) process.argv[1] = script;

/** An interpreter may lie beside the program, too. */
const beside = ({ weights }: ProgramSource) => (typeof weights === "string" ? { program: weights } : {});

const receive = serve<ProgramSource>((reply) => port.postMessage(reply), {
  engineKey: ({ interpreter: { id, digest } }) => JSON.stringify([id, digest]),
  openEngine: (source, context) =>
    sharedEngine(source.interpreter, {
      ...context,
      ...beside(source),
      ...(threads !== undefined && { threads }),
      native: (work) => guarded(guard, work),
    }),
  programKey: ({ key }) => key,
  openProgram,
});
port.on("message", (request: Request<ProgramSource>) => receive(request));
port.postMessage({ kind: "ready" });

async function openProgram(source: ProgramSource, context: LoadContext): Promise<Program> {
  const { weights, interpreter } = source;
  // The program is checked against what will run it.
  const { id, digest } = await sharedInterpreter(interpreter, { ...context, ...beside(source) });
  // (A copy: memory that threads share is no place for numbers that are read all the time.)
  const bytes = typeof weights === "string" ? await readWeights(weights) : new Uint8Array(weights);
  return decodeProgram(bytes, { interpreter: { id, digest } });
}

/**
 * The thread that serves requests goes before those that compute. On Linux a priority is a thread's own, and
 * onnxruntime's threads, which are made later, take this one's. (Elsewhere it would be the whole process's.)
 */
function yieldToRequests(): void {
  if (process.platform !== "linux" || getPriority() >= NICE) return;
  try {
    setPriority(NICE);
  } catch {
    // A sandbox may forbid it; the answers are the same.
  }
}
