/** The worker in which Node runs the model: `pool.ts` starts it. */
import { parentPort, workerData } from "node:worker_threads";
import { decodeProgram, type Program } from "@unplugin-paw/program";
import { sharedEngine, sharedInterpreter } from "./engine.ts";
import type { ProgramSource, WorkerData } from "./pool.ts";
import type { Request } from "./protocol/messages.ts";
import { type LoadContext, serve } from "./protocol/serve.ts";
import { readWeights } from "./weights.ts";

const port = parentPort as NonNullable<typeof parentPort>;
const { threads } = workerData as WorkerData;

const receive = serve<ProgramSource>((reply) => port.postMessage(reply), {
  engineKey: ({ interpreter: { id, digest } }) => JSON.stringify([id, digest]),
  openEngine: ({ interpreter }, context) =>
    sharedEngine(interpreter, { ...context, ...(threads !== undefined && { threads }) }),
  programKey: ({ key }) => key,
  openProgram,
});
port.on("message", (request: Request<ProgramSource>) => receive(request));
port.postMessage({ kind: "ready" });

async function openProgram({ weights, interpreter }: ProgramSource, context: LoadContext): Promise<Program> {
  // The program is checked against what will run it.
  const { id, digest } = await sharedInterpreter(interpreter, context);
  // (A copy: memory that threads share is no place for numbers that are read all the time.)
  const bytes = typeof weights === "string" ? await readWeights(weights) : new Uint8Array(weights);
  return decodeProgram(bytes, { interpreter: { id, digest } });
}
