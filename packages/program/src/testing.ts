// What this package's tests share: a small program, and edits of an encoded one.
import { expect } from "vitest";
import { HEADER_START, seal } from "./checksum.ts";
import { ProgramError } from "./errors.ts";
import { decodeProgram, type Program } from "./program.ts";

/** Numbers in [-1, 1) from a fixed sequence. */
export function randomNumbers(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** 2 layers, 1 head, 4 tokens, head size 8, with closed labels and an object input. */
export function smallProgram(): Program {
  const next = randomNumbers();
  return {
    name: "sentiment",
    interpreter: { id: "smollm2-135m-instruct", digest: "0123456789abcdef".repeat(4) },
    spec: { digest: "fedcba9876543210".repeat(4) },
    compiler: { version: "0.1.0", effort: "standard", seed: 7 },
    contract: {
      input: {
        kind: "object",
        schema: {
          type: "object",
          properties: { text: { type: "string" }, age: { type: "number" } },
          required: ["text"],
        },
      },
      output: { kind: "labels", labels: ["positive", "négative", "mixed"] },
      abstain: 0.4,
    },
    pseudoProgram: "Decide.\n\nInput: Loved it\nOutput: positive",
    prefix: {
      layers: 2,
      heads: 1,
      tokens: 4,
      headSize: 8,
      keys: Float32Array.from({ length: 64 }, () => next() * 8),
      values: Float32Array.from({ length: 64 }, next),
    },
    calibration: { temperature: 1.25, bias: [0.1, -0.2, 0] },
    answerTokens: 64,
    scores: {
      stages: [
        { name: "instructions", validation: null, kept: true },
        { name: "discrete", validation: 0.875, kept: true },
        { name: "continuous", validation: 0.75, kept: false },
      ],
      tests: { passed: 9, total: 10, accuracy: 0.9 },
    },
    licence: "Apache-2.0",
    provenance: { method: 7, teacher: { name: "nobody", kept: [0.5, null] } },
  };
}

export interface HeaderJson {
  __metadata__: { [name: string]: string };
  [tensor: string]: { [field: string]: unknown };
}

/** Where the header's JSON ends. */
export function headerEnd(file: Uint8Array): number {
  return 8 + new DataView(file.buffer, file.byteOffset).getUint32(0, true);
}

export function headerOf(file: Uint8Array): HeaderJson {
  return JSON.parse(new TextDecoder().decode(file.subarray(8, headerEnd(file))));
}

/** The file with another header text, the same tensor bytes, and a checksum (in its place) that is right again. */
export function withHeader(file: Uint8Array, json: string): Uint8Array {
  const header = new TextEncoder().encode(json);
  const body = file.subarray(headerEnd(file));
  const result = new Uint8Array(8 + header.length + body.length);
  new DataView(result.buffer).setBigUint64(0, BigInt(header.length), true);
  result.set(header, 8);
  result.set(body, 8 + header.length);
  return json.startsWith(HEADER_START) ? seal(result) : result;
}

/** A forged file: its header edited as an object, and the checksum right again. */
export function editHeader(file: Uint8Array, edit: (header: HeaderJson) => void): Uint8Array {
  const header = headerOf(file);
  edit(header);
  return withHeader(file, JSON.stringify(header));
}

/** A forged file: the program's metadata edited as an object, and the checksum right again. */
// biome-ignore lint/suspicious/noExplicitAny: the edits are there to break the type.
export function editProgram(file: Uint8Array, edit: (program: any) => void): Uint8Array {
  return editHeader(file, ({ __metadata__: metadata }) => {
    const program = JSON.parse(metadata.program as string);
    edit(program);
    metadata.program = JSON.stringify(program);
  });
}

/** The error with which a file is refused. */
export function refusal(bytes: Uint8Array, expected?: { interpreter: { id: string; digest: string } }): ProgramError {
  try {
    decodeProgram(bytes, expected);
  } catch (error) {
    expect(error).toBeInstanceOf(ProgramError);
    expect((error as ProgramError).message).not.toBe("");
    expect((error as ProgramError).hint).not.toBe("");
    return error as ProgramError;
  }
  throw new Error("the file was accepted");
}
