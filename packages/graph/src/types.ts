/** Element types, with the number that ONNX gives each (onnx.proto3, TensorProto.DataType). */
export const elementTypes = {
  float32: { code: 1, bytes: 4 },
  uint8: { code: 2, bytes: 1 },
  int8: { code: 3, bytes: 1 },
  int32: { code: 6, bytes: 4 },
  int64: { code: 7, bytes: 8 },
  bool: { code: 9, bytes: 1 },
  float16: { code: 10, bytes: 2 },
} as const;

export type ElementType = keyof typeof elementTypes;

/** One size: a number, or a name (`"tokens"`) for a size that is known only when the model runs. */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** What is known of a value while a graph is built. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** A mistake in a graph, found while it is built. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}

/** `float32[batch, tokens, 576]`, for messages. */
export function formatType({ type, shape }: ValueType): string {
  return `${type}[${shape.join(", ")}]`;
}

/** Number of elements of a shape that has no named sizes. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** NumPy broadcasting: sizes are aligned at the right; equal sizes or a 1 fit. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new GraphError(`shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast: ${x} against ${y}`);
  });
}

/** The sum of two sizes; named sizes give a name that says so. */
export function addDimensions(a: Dimension, b: Dimension): Dimension {
  return typeof a === "number" && typeof b === "number" ? a + b : `${a}+${b}`;
}

/** An axis in `0 .. rank - 1`; negative axes count from the end. */
export function resolveAxis(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (resolved < 0 || resolved >= rank) throw new GraphError(`axis ${axis} is outside a rank of ${rank}`);
  return resolved;
}
