import { findCard, type Interpreter, openInterpreter } from "@unplugin-paw/interpreter";
import { type Onnxruntime, Session } from "@unplugin-paw/interpreter/session";
import type { Engine } from "./answer.ts";
import { PawError } from "./errors.ts";
import type { LoadOptions } from "./types.ts";

export interface EngineOptions extends LoadOptions {
  /** A local GGUF in place of the interpreter's own file. */
  gguf?: string;
  /** Path of the program's file: the interpreter may lie in a folder `paw` beside it. */
  program?: string;
}

/** An engine of this machine, with all that is known of its interpreter. */
export interface LocalEngine extends Engine {
  interpreter: Interpreter;
}

const engines = new Map<string, Promise<LocalEngine>>();

/**
 * The process's one engine for an interpreter, loaded by whoever asks first.
 *
 * @param interpreter its id, and its digest where a certain build of it is meant (a program names both)
 * @throws {InterpreterError} it cannot be fetched or converted, or the digest is of another build
 * @throws {PawError} `NO_ONNXRUNTIME`
 * @example
 * const engine = await sharedEngine({ id: "smollm2-135m-instruct" });
 */
export function sharedEngine(
  interpreter: { id?: string; digest?: string } = {},
  options: EngineOptions = {},
): Promise<LocalEngine> {
  const key = JSON.stringify([interpreter.id, interpreter.digest, options.gguf]);
  const known = engines.get(key);
  if (known) return known;
  const engine = open(interpreter, options);
  engines.set(key, engine);
  engine.catch(() => engines.delete(key));
  return engine;
}

async function open({ id, digest }: { id?: string; digest?: string }, options: EngineOptions): Promise<LocalEngine> {
  const { onProgress, signal, gguf, program } = options;
  const interpreter = await openInterpreter({
    card: findCard(id),
    ...(digest !== undefined && { digest }),
    ...(gguf !== undefined && { gguf }),
    ...(program !== undefined && { program }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  const same = JSON.stringify([interpreter.id, interpreter.digest]);
  // Whether asked for by digest or by default, it is one model in memory.
  const loaded = sessions.get(same) ?? load(interpreter.model, interpreter.config, onProgress);
  sessions.set(same, loaded);
  loaded.catch(() => sessions.delete(same));
  return { interpreter, session: await loaded };
}

const sessions = new Map<string, Promise<Session>>();

async function load(model: string, config: Session["config"], onProgress: LoadOptions["onProgress"]): Promise<Session> {
  onProgress?.({ stage: "load" });
  return await Session.open(await onnxruntime(), model, config);
}

/**
 * Frees the memory of all interpreters, once the calls that wait have been answered. The next call loads again what it needs.
 *
 * @example
 * await dispose();
 */
export async function dispose(): Promise<void> {
  const open = [...sessions.values()];
  sessions.clear();
  engines.clear();
  for (const loading of open) {
    const session = await loading.catch(() => undefined);
    await session?.exclusive(() => session.release());
  }
}

/** onnxruntime-node, which the user installs. Throws `PawError` `NO_ONNXRUNTIME`. */
export async function onnxruntime(): Promise<Onnxruntime> {
  try {
    // It is CommonJS: its names are on the default export, wherever it is loaded from.
    const module = await import("onnxruntime-node");
    return (module.default ?? module) as Onnxruntime;
  } catch (cause) {
    throw new PawError(
      "NO_ONNXRUNTIME",
      `onnxruntime-node could not be loaded: ${(cause as Error).message}`,
      "Install it beside your app (npm install onnxruntime-node). It has binaries for Linux (glibc), macOS and Windows on x64 and arm64.",
      { cause },
    );
  }
}
