import { findCard, type Interpreter, Loads, openInterpreter } from "@unplugin-paw/interpreter";
import { type Onnxruntime, Session } from "@unplugin-paw/interpreter/session";
import type { LoadOptions, LoadProgress } from "./api.ts";
import { withinCores } from "./cores.ts";
import type { Engine } from "./decode/interfaces.ts";
import { PawError } from "./errors.ts";

/** An interpreter's id, and its digest where a certain build of it is meant (a program names both). */
export interface InterpreterName {
  id?: string;
  digest?: string;
}

type Native = <T>(work: () => Promise<T>) => Promise<T>;

export interface EngineOptions extends Pick<LoadOptions, "onProgress" | "signal"> {
  /** A local GGUF in place of the interpreter's own file. */
  gguf?: string;
  /** Threads that compute; default: one for each core that the process may use. */
  threads?: number;
  /** Goes around every piece of work of native code. */
  native?: Native;
  /** Path of the program's file: the interpreter may lie in a folder `paw` beside it. */
  program?: string;
}

/** An engine of this machine, with all that is known of its interpreter. */
export interface LocalEngine extends Engine {
  interpreter: Interpreter;
}

const interpreters = new Loads<Interpreter, LoadProgress>();
const sessions = new Loads<Session, LoadProgress>();

/**
 * The thread's one engine for an interpreter, loaded by whoever asks first; whose signal fires goes alone. It computes
 * on the thread that asks.
 *
 * @throws {InterpreterError} it cannot be fetched or converted, or the digest is of another build
 * @throws {PawError} `NO_ONNXRUNTIME`
 * @example
 * const engine = await sharedEngine({ id: "smollm2-135m-instruct" });
 */
export async function sharedEngine(name: InterpreterName = {}, options: EngineOptions = {}): Promise<LocalEngine> {
  const interpreter = await sharedInterpreter(name, options);
  // Whether asked for by digest or by default, it is one model in memory.
  const key = JSON.stringify([interpreter.id, interpreter.digest]);
  const session = await sessions.get(
    key,
    async ({ onProgress }) => {
      onProgress({ stage: "load" });
      const { threads, native } = options;
      const ort = await onnxruntime();
      return await Session.open(native ? within(native, ort) : ort, interpreter.model, interpreter.config, {
        ...(threads !== undefined && { threads }),
      });
    },
    options,
  );
  return { interpreter, session };
}

/** The interpreter of {@link sharedEngine}, without its model. */
export async function sharedInterpreter(
  { id, digest }: InterpreterName,
  { gguf, program, onProgress, signal }: EngineOptions,
): Promise<Interpreter> {
  const own = {
    ...(program !== undefined && { program }),
    ...(digest !== undefined && { digest }),
    ...(gguf !== undefined && { gguf }),
  };
  return await interpreters.get(
    JSON.stringify([id, digest, gguf]),
    (context) => openInterpreter({ card: findCard(id), ...own, ...context }),
    { ...(onProgress && { onProgress }), ...(signal && { signal }) },
  );
}

/** onnxruntime, with `native` around what sessions do. */
function within(native: Native, { Tensor, InferenceSession }: Onnxruntime): Onnxruntime {
  const create = async (...args: [never]) => {
    const session = await native(() => InferenceSession.create(...args));
    const run: typeof session.run = (...args: [never]) => native(() => session.run(...args));
    return { run, release: () => native(() => session.release()) };
  };
  return { Tensor, InferenceSession: { create } as unknown as Onnxruntime["InferenceSession"] };
}

/** onnxruntime-node, which the user installs. Throws `PawError` `NO_ONNXRUNTIME`. */
export async function onnxruntime(): Promise<Onnxruntime> {
  // From 1.30 on it writes an id of the device into the user's cache and looks up its vendor's host, unless this is set
  // when it is loaded.
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  try {
    // It is CommonJS: its names are on the default export, wherever it is loaded from.
    const module = await import("onnxruntime-node");
    return withinCores((module.default ?? module) as Onnxruntime);
  } catch (cause) {
    throw new PawError(
      "NO_ONNXRUNTIME",
      `onnxruntime-node could not be loaded: ${(cause as Error).message}`,
      "Install it beside your app (npm install onnxruntime-node). It has binaries for Linux (glibc), macOS and Windows on x64 and arm64.",
      { cause },
    );
  }
}
