import { fetchInterpreter } from "@unplugin-paw/interpreter";
import { UsageError } from "../errors.ts";
import { existing, namedFile } from "../files.ts";
import { note, print, size } from "../output.ts";
import { startProgress } from "../progress.ts";

export interface FetchFlags {
  to?: string;
  gguf?: string;
}

/**
 * `paw fetch`: puts the interpreter into a folder, ready to run, and prints the folder: what `PAW_HOME` is to be.
 *
 * @returns the exit code
 */
export async function fetchCommand({ to, gguf }: FetchFlags, signal: AbortSignal): Promise<number> {
  if (gguf !== undefined) namedFile(gguf);
  if (to !== undefined && existing(to)?.isDirectory() === false) throw new UsageError(`${to} is a file, not a folder.`);
  const progress = startProgress("interpreter");
  const { id, home, bytes, written } = await fetchInterpreter({
    onProgress: progress.update,
    signal,
    ...(to !== undefined && { to }),
    ...(gguf !== undefined && { gguf }),
  }).finally(progress.stop);
  note(`${id}: ${size(bytes)}, ${written ? "ready" : "was there already"}`);
  print(home);
  return 0;
}
