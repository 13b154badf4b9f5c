import { readFile } from "node:fs/promises";
import { elementTypes, type WeightPlace } from "@unplugin-paw/graph";

type Numbers<T> = { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number };

/** The run graph's data file in memory. */
export interface DataFile {
  bytes: Uint8Array;
  /** The numbers of a place, in that memory. Weights start at multiples of 4096, so they are aligned for any type. */
  view<T>(place: WeightPlace, Type: Numbers<T>): T;
}

export async function readDataFile(path: string): Promise<DataFile> {
  const bytes = await readFile(path);
  const view = <T>(place: WeightPlace, Type: Numbers<T>): T => {
    const length = place.shape.reduce((product, size) => product * size, elementTypes[place.type].bytes);
    return new Type(bytes.buffer, bytes.byteOffset + place.offset, length / Type.BYTES_PER_ELEMENT);
  };
  return { bytes, view };
}
