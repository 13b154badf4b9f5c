import { stat } from "node:fs/promises";
import { gguf } from "@huggingface/gguf";
import { MAX_HASHED, openRegular } from "@unplugin-paw/disk";
import { type TensorType, tensorTypes } from "./dequantise.ts";
import { InterpreterError } from "./errors.ts";

export type GgufValue = string | number | bigint | boolean | GgufValue[];

export interface GgufTensor {
  name: string;
  type: TensorType;
  /** Row-major: the last dimension is contiguous (GGUF itself lists them the other way round). */
  shape: number[];
  /** Where the tensor's bytes are in the file. */
  offset: number;
  bytes: number;
}

/** An opened GGUF file: its header is in memory and checked, its tensors are read when asked for. */
export interface Gguf {
  path: string;
  metadata: Record<string, GgufValue>;
  tensors: Map<string, GgufTensor>;
  /**
   * The stored bytes of a tensor.
   *
   * @throws {InterpreterError} `GGUF_INVALID` when there is no such tensor, `MODEL_UNREADABLE`
   */
  readTensor(name: string): Promise<Uint8Array>;
}

/**
 * Reads a GGUF file's header and checks that every tensor lies inside the file, in an encoding that we can decode.
 *
 * @param architecture what `general.architecture` must be
 * @throws {InterpreterError} `MODEL_UNREADABLE`, `GGUF_INVALID`, `GGUF_UNSUPPORTED`
 * @example
 * const model = await readGguf(await fetchModel(card), card.architecture);
 * const { type } = model.tensors.get("output_norm.weight");
 * dequantise(type, await model.readTensor("output_norm.weight"));
 */
export async function readGguf(path: string, architecture: string): Promise<Gguf> {
  const size = await sizeOf(path);
  const { metadata, tensorInfos, tensorDataOffset, littleEndian } = await parseHeader(path);
  if (!littleEndian) throw unsupported(path, "it is big-endian");
  const found = (metadata as Record<string, GgufValue>)["general.architecture"];
  if (found !== architecture) throw unsupported(path, `its architecture is ${shown(found)}, not "${architecture}"`);

  const tensors = new Map<string, GgufTensor>();
  for (const { name, dtype, shape, offset } of tensorInfos) {
    if (tensors.has(name)) throw invalid(path, `it has two tensors named "${name}"`);
    const dimensions = shape.map(Number).reverse();
    const type = typeOf(dtype);
    if (!type) throw unsupported(path, `tensor "${name}" has the encoding number ${dtype}`);
    const { block, bytes } = tensorTypes[type];
    const row = dimensions.at(-1) ?? 0;
    if (row % block !== 0) throw invalid(path, `the rows of tensor "${name}" are not whole blocks of ${type}`);
    const tensor: GgufTensor = {
      name,
      type,
      shape: dimensions,
      offset: Number(tensorDataOffset + offset),
      bytes: (dimensions.reduce((product, n) => product * n, 1) / block) * bytes,
    };
    if (!(row > 0 && tensor.offset + tensor.bytes <= size)) {
      throw invalid(path, `tensor "${name}" ends at byte ${tensor.offset + tensor.bytes} of a file of ${size} bytes`);
    }
    tensors.set(name, tensor);
  }

  return {
    path,
    metadata: metadata as Record<string, GgufValue>,
    tensors,
    async readTensor(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw invalid(path, `it has no tensor "${name}"`);
      return await readRange(path, tensor.offset, tensor.bytes);
    },
  };
}

/** The file's size, so that a missing file is reported as such and not as a bad header. */
async function sizeOf(path: string): Promise<number> {
  try {
    const file = await openRegular(path, { maxBytes: MAX_HASHED });
    await file.close();
    return (await stat(path)).size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function parseHeader(path: string): ReturnType<typeof gguf> {
  try {
    return await gguf(path, { allowLocalFile: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) throw unreadable(path, error);
    throw invalid(path, (error as Error).message, error);
  }
}

async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  try {
    const file = await openRegular(path, { maxBytes: MAX_HASHED });
    try {
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new Error("the file became shorter");
        done += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return bytes;
}

function typeOf(id: number): TensorType | undefined {
  return (Object.keys(tensorTypes) as TensorType[]).find((type) => tensorTypes[type].id === id);
}

function shown(value: GgufValue | undefined): string {
  return typeof value === "string" ? `"${value}"` : "not given";
}

function unreadable(path: string, cause: unknown): InterpreterError {
  const message = `Cannot read the model file ${path}: ${(cause as Error).message}.`;
  return new InterpreterError("MODEL_UNREADABLE", message, "Check the path and its permissions.", { cause });
}

function invalid(path: string, what: string, cause?: unknown): InterpreterError {
  const hint = "The file is damaged or was not downloaded whole: delete it and fetch it again.";
  return new InterpreterError("GGUF_INVALID", `${path} is not a sound GGUF file: ${what}.`, hint, { cause });
}

function unsupported(path: string, what: string): InterpreterError {
  const hint = `Use a little-endian GGUF of the Llama family with tensors in ${Object.keys(tensorTypes).join(", ")}.`;
  return new InterpreterError("GGUF_UNSUPPORTED", `${path} cannot be run: ${what}.`, hint);
}
