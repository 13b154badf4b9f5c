import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { dequantise } from "./dequantise.ts";
import { type Gguf, readGguf } from "./gguf.ts";

interface Tensor {
  name: string;
  /** Innermost first, as the file has them. */
  shape: number[];
  type: number;
  offset: number;
}

const f32: Tensor = { name: "norm", shape: [2], type: 0, offset: 0 };
const q4: Tensor = { name: "up", shape: [32, 2], type: 3, offset: 32 };

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** A GGUF file of version 3 with one metadata key. */
function encode(tensors: Tensor[], data: Buffer, architecture = "llama"): Buffer {
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    u64(1),
    text("general.architecture"),
    u32(8),
    text(architecture),
    ...tensors.flatMap(({ name, shape, type, offset }) => [
      text(name),
      u32(shape.length),
      ...shape.map(u64),
      u32(type),
      u64(offset),
    ]),
  ]);
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), data]);
}

async function read(bytes: Buffer): Promise<Gguf> {
  const folder = await mkdtemp(join(tmpdir(), "paw-gguf-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "model.gguf");
  await writeFile(path, bytes);
  return await readGguf(path, "llama");
}

const data = Buffer.alloc(32 + 40);
data.writeFloatLE(1.5, 0);
data.writeFloatLE(-2, 4);
data.writeUInt16LE(0x3c00, 32); // scale 1 in the first row; all else is zero
data.fill(0x21, 36, 52);
const sound = encode([f32, q4], data);

describe("readGguf", () => {
  it("lists the tensors and reads their bytes", async () => {
    const model = await read(sound);
    expect(model.metadata["general.architecture"]).toBe("llama");
    expect([...model.tensors.values()]).toEqual([
      { name: "norm", type: "F32", shape: [2], offset: sound.length - 72, bytes: 8 },
      { name: "up", type: "Q4_1", shape: [2, 32], offset: sound.length - 40, bytes: 40 },
    ]);
    expect([...dequantise("F32", await model.readTensor("norm"))]).toEqual([1.5, -2]);
    const up = dequantise("Q4_1", await model.readTensor("up"));
    expect([up[0], up[15], up[16], up[31], up[32], up[63]]).toEqual([1, 1, 2, 2, 0, 0]);
  });

  it("says that there is no such tensor", async () => {
    const model = await read(sound);
    await expect(model.readTensor("down")).rejects.toMatchObject({
      code: "GGUF_INVALID",
      message: expect.stringContaining('no tensor "down"'),
    });
  });

  it("refuses a file cut off anywhere", async () => {
    for (let length = 0; length < sound.length; length += 7) {
      await expect(read(sound.subarray(0, length))).rejects.toMatchObject({ name: "InterpreterError" });
    }
  });

  it("answers altered headers with an error of its own, or reads them", async () => {
    for (let at = 0; at < sound.length - 72; at++) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const altered = Buffer.from(sound);
        altered[at] = value;
        const error = await read(altered).then(
          () => undefined,
          (error) => error,
        );
        if (error) expect(error).toMatchObject({ name: "InterpreterError", code: expect.stringMatching(/^GGUF_/) });
      }
    }
  });

  it.each([
    ["something else", Buffer.from("<html>no</html>"), "GGUF_INVALID", "magic number"],
    ["a tensor beyond the end", encode([{ ...f32, offset: 96 }], data), "GGUF_INVALID", "ends at byte"],
    ["a huge tensor", encode([{ ...f32, shape: [2 ** 31, 2 ** 31, 2 ** 31] }], data), "GGUF_INVALID", "ends at byte"],
    ["an empty tensor", encode([{ ...f32, shape: [0] }], data), "GGUF_INVALID", "norm"],
    ["a broken row", encode([{ ...q4, shape: [48, 2] }], data), "GGUF_INVALID", "whole blocks of Q4_1"],
    ["a name twice", encode([f32, f32], data), "GGUF_INVALID", 'two tensors named "norm"'],
    [
      "an unknown encoding",
      encode([{ ...q4, type: 13 }], data),
      "GGUF_UNSUPPORTED",
      'tensor "up" has the encoding number 13',
    ],
    ["another architecture", encode([f32], data, "gpt2"), "GGUF_UNSUPPORTED", 'architecture is "gpt2", not "llama"'],
  ])("refuses %s", async (_, bytes, code, message) => {
    await expect(read(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it("says that a file is missing", async () => {
    await expect(readGguf("nowhere.gguf", "llama")).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  });
});
