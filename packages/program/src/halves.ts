import { ProgramError } from "./errors.ts";
import { fromHalf, toHalf } from "./half.ts";
import type { Tensor } from "./safetensors.ts";

/** What a tensor of a refused file is said to hold. */
export const damaged = (name: string, what: string): ProgramError =>
  new ProgramError("value", `tensor "${name}" holds ${what}`, "Compile the spec again.");

/** Reads and stores f16 numbers by index. */
export interface Halves {
  get(index: number): number;
  /** Stores a number and returns it as stored. */
  set(index: number, value: number): number;
}

/** f16 numbers by index, little-endian on every machine, finite only. */
export function halves(tensors: ReadonlyMap<string, Tensor>, name: string): Halves {
  const { buffer, byteOffset, byteLength } = (tensors.get(name) as Tensor).data;
  const view = new DataView(buffer, byteOffset, byteLength);
  const get = (index: number): number => {
    const value = fromHalf(view.getUint16(index * 2, true));
    if (!Number.isFinite(value)) throw damaged(name, `${value} at index ${index}`);
    return value;
  };
  const set = (index: number, value: number): number => {
    view.setUint16(index * 2, toHalf(value), true);
    return get(index);
  };
  return { get, set };
}
