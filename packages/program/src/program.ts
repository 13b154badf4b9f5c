import { checksum } from "./checksum.ts";
import type { Contract } from "./contract.ts";
import { ProgramError } from "./errors.ts";
import { type Head, packHead, takeHead } from "./head.ts";
import { type Metadata, type Program, parseMetadata, printMetadata } from "./metadata.ts";
import { type PrefixEncoding, packPrefix, unpackPrefix } from "./prefix.ts";
import { hasChecksum, readHeader, readTensors, writeSafetensors } from "./safetensors.ts";
import { outputLabels } from "./text.ts";

export type { Metadata, Program } from "./metadata.ts";

const FORMAT = "paw";

/**
 * Increment when a file is written that this version's reader would refuse or misread. README.md has a table of the
 * versions.
 */
const VERSION = 3;
/** The oldest that is read. */
const OLDEST = 1;
/** The oldest whose head is read: before, heads were made of other values. */
const OLDEST_HEAD = 3;

/**
 * Writes a program as the bytes of a `.weights` file. The same program gives the same bytes.
 *
 * @param options.prefix - `i8` (default): about 1 byte a number, under 1 % error; `f16`: 2 bytes a number, nearly
 *   exact.
 * @throws {ProgramError} when the program is malformed, a number is not finite or out of f16's range, or the file would
 *   be over 64 MiB: nothing is written that {@link decodeProgram} would refuse.
 * @example
 * ```ts
 * await writeFile("sentiment.weights", encodeProgram(program));
 * ```
 */
export function encodeProgram(program: Program, options: { prefix?: PrefixEncoding } = {}): Uint8Array {
  const json = printMetadata(program);
  const { contract } = parseMetadata(json);
  const tensors = packPrefix(program.prefix, options.prefix ?? "i8");
  if (program.head) {
    checkHead(contract, program.head);
    for (const [name, tensor] of packHead(program.head, program.prefix)) tensors.set(name, tensor);
  }
  return writeSafetensors({ format: FORMAT, program: json, version: String(VERSION) }, tensors);
}

/**
 * Reads the bytes of a `.weights` file. Everything is checked before it is used; the numbers take at most four times
 * the file's size in memory.
 *
 * @param expect.interpreter - the interpreter that will run the program; another one is an error.
 * @throws {ProgramError} with a `code`, a `message` that says what is wrong and a `hint` that says what to do.
 * @example
 * ```ts
 * const program = decodeProgram(await readFile("sentiment.weights"));
 * ```
 */
export function decodeProgram(
  bytes: Uint8Array,
  expect: { interpreter?: { id: string; digest: string } } = {},
): Program {
  if (!ArrayBuffer.isView(bytes)) {
    throw new ProgramError("not-weights", "a program is decoded from a Uint8Array", "Pass the file's bytes.");
  }
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(file);
  const json = checkFormat(header.metadata);
  const tensors = readTensors(file, header);
  if (!hasChecksum(file) || header.metadata.checksum !== checksum(file)) {
    throw new ProgramError(
      "checksum",
      "the file was altered: its checksum does not match",
      "Compile the spec again, or restore the file; if it came through version control, mark *.weights as binary.",
    );
  }
  const metadata = parseMetadata(json);
  if (expect.interpreter) checkInterpreter(metadata, expect.interpreter);
  const { head, rest } = takeHead(tensors);
  if (head) {
    checkHead(metadata.contract, head);
    if (Number(header.metadata.version) < OLDEST_HEAD) {
      throw new ProgramError(
        "version",
        `made by an older compiler: the file has format version ${header.metadata.version}, whose head this package cannot read`,
        "Compile the spec again with this version.",
      );
    }
  }
  return { ...metadata, prefix: unpackPrefix(rest), ...(head && { head }) };
}

/**
 * What a `.weights` file says of its program. The numbers are neither read nor checked, which takes a tenth of the
 * time: for files that are known to be whole.
 *
 * @throws {ProgramError} as {@link decodeProgram}
 */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  return parseMetadata(checkFormat(readHeader(bytes).metadata));
}

function checkHead(contract: Contract, { bias }: Head): void {
  const labels = outputLabels(contract)?.length ?? 0;
  // (The row more is the scope.)
  if (labels > 0 && [labels, labels + 1].includes(bias.length)) return;
  throw new ProgramError(
    "tensor",
    `the head scores ${bias.length} labels of ${labels}`,
    "Compile the spec again with this version.",
  );
}

/** Whether this is our file and our version, before anything else is believed; returns the program's JSON text. */
function checkFormat({ format, version, program, checksum, ...others }: { [name: string]: unknown }): string {
  if (format !== FORMAT) {
    const hint = "Check that this is the file that the compiler wrote.";
    throw new ProgramError("not-weights", "not a .weights file: a safetensors file without a program", hint);
  }
  const number = typeof version === "string" && /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0;
  if (number < OLDEST || number > VERSION) {
    throw number > VERSION
      ? new ProgramError(
          "version",
          `made by a newer compiler: the file has format version ${version}, this package reads ${OLDEST} to ${VERSION}`,
          "Update unplugin-paw, or compile the spec again with this version.",
        )
      : new ProgramError("version", `unknown format version ${JSON.stringify(version)}`, "Compile the spec again.");
  }
  if (typeof program !== "string") {
    throw new ProgramError("header", "__metadata__ has no program", "Compile the spec again.");
  }
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ProgramError("header", `__metadata__ has the unknown entry "${other}"`, "Compile the spec again.");
  }
  return program;
}

function checkInterpreter({ name, interpreter }: Metadata, expected: { id: string; digest: string }): void {
  if (interpreter.id === expected.id && interpreter.digest === expected.digest) return;
  const text = ({ id, digest }: { id: string; digest: string }) => `${id} (${digest.slice(0, 12)})`;
  throw new ProgramError(
    "interpreter",
    `program "${name}" was compiled for the interpreter ${text(interpreter)}, but ${text(expected)} is to run it`,
    "Recompile the spec for this interpreter.",
  );
}
