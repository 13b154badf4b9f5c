import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BESIDE, fetchInterpreter, findCard, type OpenOptions, openInterpreter } from "@unplugin-paw/interpreter";
import { interpreterAssets } from "@unplugin-paw/interpreter/assets";
import { runtimeAssets } from "@unplugin-paw/runtime/assets";
import type { Asset } from "./asset/host.ts";

/** Which interpreter a program needs. */
export interface InterpreterName {
  id: string;
  digest: string;
}

const FILE = fileURLToPath(new URL("../interpreter.js", import.meta.url)).replaceAll("\\", "/");

/** Matches the ids of the modules that tell where an interpreter's files are; webpack's rules see them without their query. */
export const INTERPRETER: RegExp = new RegExp(
  `^${FILE.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("/", "[\\\\/]")}(\\?|$)`,
);

/** Id of the module that tells client code where an interpreter's files are. */
export function interpreterModule({ id, digest }: InterpreterName): string {
  return `${FILE}?paw-interpreter=${encodeURIComponent(id)}&digest=${digest}`;
}

/** The interpreter whose module has this id; undefined for any other module. */
export function interpreterOf(moduleId: string): InterpreterName | undefined {
  const [path = "", query] = moduleId.split("?", 2);
  if (query === undefined || !path.endsWith("/interpreter.js")) return undefined;
  const parameters = new URLSearchParams(query);
  const id = parameters.get("paw-interpreter");
  return id === null ? undefined : { id, digest: parameters.get("digest") ?? "" };
}

export interface InterpreterModuleOptions extends Pick<OpenOptions, "gguf" | "onProgress"> {
  /** Below this URL lie the interpreter's files; they are not emitted then. */
  url?: string;
  /** Makes a file part of the output; gives a JavaScript expression that is its URL. */
  emit: (asset: Asset) => Promise<string>;
}

/**
 * Writes the expression that tells client code where an interpreter's files are; fetches and converts the interpreter first, where it is
 * not here yet.
 *
 * @returns the expression, and the paths of the interpreter's files
 * @throws {InterpreterError} the interpreter cannot be had
 */
export async function generateInterpreter(
  { id, digest }: InterpreterName,
  { url, emit, ...options }: InterpreterModuleOptions,
): Promise<{ code: string; files: string[] }> {
  const interpreter = await openInterpreter({ card: findCard(id), digest, ...options });
  const { manifest, files } = await interpreterAssets(interpreter);
  const { worker, wasm } = runtimeAssets();
  const file = (path: string) =>
    url === undefined
      ? emit({ name: `paw-${basename(path)}`, source: path })
      : JSON.stringify(`${url.replace(/\/$/, "")}/${basename(path)}`);
  const parts = await Promise.all(files.parts.map(file));
  const code = [
    "{\n",
    `  manifest: ${JSON.stringify(manifest)},\n`,
    `  worker: ${await emit({ name: "paw-worker.js", source: worker })},\n`,
    `  wasm: ${await emit({ name: basename(wasm), source: wasm })},\n`,
    `  model: ${await file(files.model)},\n`,
    `  parts: [\n    ${parts.join(",\n    ")},\n  ],\n`,
    `  tokenizer: ${await file(files.tokenizer)},\n`,
    "}",
  ].join("");
  return { code, files: [files.model, ...files.parts, files.tokenizer] };
}

/**
 * Puts the interpreter beside the output of a build for Node, where the runtime finds it.
 *
 * @returns a line for the log; undefined where it was there already
 * @throws {Error} it cannot be had, or not be written
 */
export async function placeInterpreter(folder: string, gguf: string | undefined): Promise<string | undefined> {
  const to = join(folder, BESIDE);
  try {
    const { id, bytes, written } = await fetchInterpreter({ to, ...(gguf !== undefined && { gguf }) });
    const place = relative(process.cwd(), to) || to;
    return written ? `paw ${id}  ${(bytes / 1e6).toFixed(0)} MB  put into ${place}` : undefined;
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    throw new Error(`unplugin-paw: ${message}${hint === undefined ? "" : `\nhint: ${hint}`}`, { cause: error });
  }
}
