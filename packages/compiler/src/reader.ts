import { identifyInterpreter } from "@unplugin-paw/interpreter";
import { Loads } from "@unplugin-paw/interpreter/loads";
import { readDelta, readingWeights } from "@unplugin-paw/interpreter/model";
import { Session } from "@unplugin-paw/interpreter/session";
import { type LocalEngine, onnxruntime } from "@unplugin-paw/runtime/engine";

/**
 * What a spec is read with, by the id of the interpreter that runs its program: a change of its numbers that was trained
 * for it, and brings a spec of two sentences a point and a half (docs/benchmarks.md). Another one makes other programs:
 * increment `method`.
 */
const deltas: Readonly<Record<string, { file: URL; sha256: string }>> = {
  "paw-135m": {
    // Beside `src` and `dist`, where this is.
    file: new URL("../delta/paw-135m.safetensors", import.meta.url),
    sha256: "eabd46f4770d320f8ced39576c8382bbcd1a30cb5a20e826d7662a9fd2a31378",
  },
};

/** Kept as engines are: a draft in development is to be there at once. */
const readers = new Loads<Session, never>();

/**
 * The session that reads specs for an interpreter: the keys and values that it makes of a prompt are what the program
 * begins as. The interpreter itself where there is no delta for it, or it is another file than its card's.
 *
 * @throws {InterpreterError} `MODEL_UNREADABLE`, `MODEL_DIGEST`: the package is damaged
 */
export async function readerOf({ interpreter, session }: LocalEngine): Promise<Session> {
  const { id, digest, model, config } = interpreter;
  const delta = deltas[id];
  if (!delta || digest !== (await identifyInterpreter(id)).digest) return session;
  return await readers.get(digest, async () => {
    const weights = await readingWeights(interpreter, await readDelta(delta));
    return await Session.open(await onnxruntime(), model, config, { weights });
  });
}
