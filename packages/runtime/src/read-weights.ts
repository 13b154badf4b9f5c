import { readFile } from "node:fs/promises";
import { PawError } from "./errors.ts";

/**
 * The bytes of a program's file.
 *
 * @throws {PawError} `NO_PROGRAM`
 */
export async function readWeights(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const message = `Cannot read the program ${path}: ${(cause as Error).message}.`;
    const hint =
      "It is a file of the build: deploy the whole output folder. Where the output is bundled again, set the plugin's option `inline` to true.";
    throw new PawError("NO_PROGRAM", message, hint, { cause });
  }
}
