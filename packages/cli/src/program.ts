import { readRegular, UnfitFile } from "@unplugin-paw/disk";
import { decodeProgram, type Program, ProgramError } from "@unplugin-paw/program";

export interface ProgramFile {
  program: Program;
  /** The file's bytes. */
  weights: Buffer;
}

/**
 * Reads a `.weights` file.
 *
 * @throws {ProgramError} whose message names the file
 */
export async function readProgram(file: string): Promise<ProgramFile> {
  const weights = await readRegular(file, { maxBytes: 2 ** 27 }).catch((error) => {
    if (!(error instanceof UnfitFile)) throw error;
    throw new ProgramError("not-weights", `${file}: ${error.message}`, "Name a file that `paw compile` wrote.");
  });
  return { program: decodeNamed(weights, file), weights };
}

/** Decodes a program whose file the errors shall name. */
export function decodeNamed(
  weights: Uint8Array,
  file: string,
  expect: Parameters<typeof decodeProgram>[1] = {},
): Program {
  try {
    return decodeProgram(weights, expect);
  } catch (error) {
    if (error instanceof ProgramError) throw new ProgramError(error.code, `${file}: ${error.message}`, error.hint);
    throw error;
  }
}
