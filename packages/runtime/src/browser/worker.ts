/// <reference lib="dom" />
import { decodeProgram, type Program } from "@unplugin-paw/program";
import { PawError } from "../errors.ts";
import type { Reply, Request } from "../protocol/messages.ts";
import { type LoadContext, serve } from "../protocol/serve.ts";
import type { ProgramSource } from "./client.ts";
import { open, read, retry } from "./fetch.ts";
import { openEngine } from "./open-engine.ts";

/** The part of a dedicated worker's scope that is used. */
interface Scope {
  name: string;
  onmessage: ((event: MessageEvent<Request<ProgramSource>>) => void) | null;
  postMessage(reply: Reply): void;
}

const scope = globalThis as unknown as Scope;
// onnxruntime starts its threads from this same file: they are its own, and listen to it only.
if (!scope.name.startsWith("em-pthread")) {
  const receive = serve<ProgramSource>((reply) => scope.postMessage(reply), {
    engineKey: ({ interpreter }) => interpreter.manifest.digest,
    openEngine: ({ interpreter }, context) => openEngine(interpreter, context),
    programKey: ({ weights }) => weights,
    openProgram,
  });
  scope.onmessage = ({ data }) => receive(data);
  scope.postMessage({ kind: "ready" });
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
