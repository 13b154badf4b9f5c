import { HEADER_START, seal } from "./checksum.ts";
import { ProgramError } from "./errors.ts";
import { parseJson } from "./json.ts";

/** Bytes of one element of each type that a program uses. */
export const ELEMENT_BYTES = { F16: 2, I8: 1, U8: 1 } as const;
export type DType = keyof typeof ELEMENT_BYTES;

/** Row-major, little-endian. */
export interface Tensor {
  dtype: DType;
  shape: number[];
  data: Uint8Array;
}

/** The header as it stands in the file: nothing about the tensors is checked yet. */
export interface Header {
  metadata: { [name: string]: unknown };
  tensors: { [name: string]: unknown };
  /** Offset of the first tensor byte in the file. */
  dataStart: number;
}

const MAX_FILE = 64 * 2 ** 20;
const MAX_HEADER = 2 ** 20;
const DAMAGED = "The file is damaged: compile the spec again, or restore the file.";

/**
 * @throws {ProgramError} when the file is not a safetensors file of at most 64 MiB with a JSON header of at most 1 MiB.
 */
export function readHeader(file: Uint8Array): Header {
  if (file.length > MAX_FILE) throw tooLarge(file.length);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  if (length < 2 || length > MAX_HEADER || file[8] !== 0x7b) throw notWeights(file);
  if (8 + length > file.length) {
    throw new ProgramError("truncated", `the header needs ${8 + length} bytes, the file has ${file.length}`, DAMAGED);
  }
  let header: unknown;
  try {
    // A copy, because decoders refuse memory that is shared between threads.
    header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(file.slice(8, 8 + length)));
  } catch (error) {
    throw new ProgramError("header", `the header is not valid JSON: ${(error as Error).message}`, DAMAGED);
  }
  const { __metadata__: metadata, ...tensors } = header as { [name: string]: unknown };
  if (!isObject(metadata)) throw new ProgramError("header", "the header has no __metadata__", DAMAGED);
  return { metadata, tensors, dataStart: 8 + length };
}

/**
 * The tensors of a file, as views into it.
 * @throws {ProgramError} unless every entry is well formed and the tensors fill the rest of the file without a gap or
 *   an overlap.
 */
export function readTensors(file: Uint8Array, header: Header): Map<string, Tensor> {
  const entries = Object.entries(header.tensors)
    .map(([name, entry]) => ({ name, ...readEntry(name, entry) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== position) {
      const what = begin < position ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new ProgramError("layout", `tensor "${name}" ${what}`, DAMAGED);
    }
    position = end;
  }
  const size = file.length - header.dataStart;
  if (position > size) {
    throw new ProgramError("truncated", `the tensors need ${position} bytes, the file has ${size} for them`, DAMAGED);
  }
  if (position < size) throw new ProgramError("layout", `${size - position} bytes follow the last tensor`, DAMAGED);
  return new Map(
    entries.map(({ name, dtype, shape, begin, end }) => {
      const data = file.subarray(header.dataStart + begin, header.dataStart + end);
      return [name, { dtype, shape, data }];
    }),
  );
}

function readEntry(name: string, entry: unknown) {
  const refuse = (code: "tensor" | "layout", what: string) =>
    new ProgramError(code, `tensor "${name}" ${what}`, DAMAGED);
  if (!isObject(entry) || Object.keys(entry).some((key) => !["dtype", "shape", "data_offsets"].includes(key))) {
    throw refuse("tensor", "is not described by dtype, shape and data_offsets");
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    throw refuse(
      "tensor",
      `has the dtype ${JSON.stringify(dtype)}, known are ${Object.keys(ELEMENT_BYTES).join(", ")}`,
    );
  }
  if (!isSizes(shape) || shape.length > 8) throw refuse("tensor", "has a shape that is not a list of sizes");
  if (!isSizes(offsets) || offsets.length !== 2) throw refuse("layout", "has data_offsets that are not two positions");
  // Sizes are at most 2^26, so a product is exact (under 2^53) when it is checked after each factor.
  let bytes: number = ELEMENT_BYTES[dtype as DType];
  for (const size of shape) {
    bytes *= size;
    if (bytes > MAX_FILE) throw refuse("tensor", "has a shape larger than any file may be");
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== bytes) throw refuse("layout", `has ${end - begin} bytes, its shape needs ${bytes}`);
  return { dtype: dtype as DType, shape, begin, end };
}

/**
 * Writes a file: header first, tensors on 8-byte boundaries behind it, two-byte types before one-byte types and then by
 * name, so that each tensor is aligned without padding between them and the same content always gives the same bytes.
 *
 * @throws {ProgramError} when the header is over 1 MiB or the file over 64 MiB.
 */
export function writeSafetensors(metadata: { [name: string]: string }, tensors: Map<string, Tensor>): Uint8Array {
  const order = [...tensors].sort(
    ([a, { dtype: x }], [b, { dtype: y }]) => ELEMENT_BYTES[y] - ELEMENT_BYTES[x] || (a < b ? -1 : 1),
  );
  const header: { [name: string]: unknown } = { __metadata__: { checksum: "00000000", ...metadata } };
  let end = 0;
  for (const [name, { dtype, shape, data }] of order) {
    header[name] = { dtype, shape, data_offsets: [end, end + data.length] };
    end += data.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER) {
    throw new ProgramError(
      "too-large",
      `the metadata takes ${length} bytes, the limit is ${MAX_HEADER}`,
      "Shorten it.",
    );
  }
  if (8 + length + end > MAX_FILE) throw tooLarge(8 + length + end);

  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(json, 8);
  let position = 8 + length;
  for (const [, { data }] of order) {
    file.set(data, position);
    position += data.length;
  }
  return seal(file);
}

/** Whether the header begins as every header that we write does; the checksum's place follows from that. */
export function hasChecksum(file: Uint8Array): boolean {
  return [...HEADER_START].every((char, index) => file[8 + index] === char.charCodeAt(0));
}

const tooLarge = (bytes: number) =>
  new ProgramError(
    "too-large",
    `a program of ${bytes} bytes is over the limit of ${MAX_FILE}`,
    "Use a shorter prefix.",
  );

/** Says what the file seems to be instead. */
function notWeights(file: Uint8Array): ProgramError {
  const refuse = (what: string, hint: string) => new ProgramError("not-weights", `not a .weights file: ${what}`, hint);
  if (file.length === 0) return new ProgramError("empty", "the file is empty", "Compile the spec again.");
  const start = String.fromCharCode(...file.subarray(0, 512));
  if (start.startsWith("PK\x03\x04") || start.startsWith("PAK") || start.startsWith("PAW\x02")) {
    return refuse(
      "this is a zip archive or a compiled PAW bundle of another project",
      "Compile a .paw text spec to get one.",
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what tells binary files from text.
  if (!/[\x00-\x08\x0e-\x1f]/.test(start)) {
    return refuse("this is text", "If it is a .paw spec, compile it first: paw compile FILE.paw");
  }
  if (file.length < 8) return new ProgramError("truncated", `the file has only ${file.length} bytes`, DAMAGED);
  return refuse("it does not begin with a safetensors header", "Check that this is the file that the compiler wrote.");
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 0 && size <= MAX_FILE);
}
