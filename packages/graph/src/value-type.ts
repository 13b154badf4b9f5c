/** Element types, with the number that ONNX gives each (onnx.proto3, TensorProto.DataType). */
export const elementTypes = {
  float32: { code: 1, bytes: 4 },
  uint8: { code: 2, bytes: 1 },
  int8: { code: 3, bytes: 1 },
  int32: { code: 6, bytes: 4 },
  int64: { code: 7, bytes: 8 },
  bool: { code: 9, bytes: 1 },
  float16: { code: 10, bytes: 2 },
  /** Two in a byte, the first in the low half. */
  uint4: { code: 21, bytes: 0.5 },
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

/**
 * The product of sizes. Names stand sorted behind the number (`6*batch*tokens`), so that equal products have equal
 * names.
 */
export function multiplyDimensions(sizes: Shape): Dimension {
  const { count, names } = factors(sizes);
  if (names.length === 0) return count;
  return [...(count === 1 ? [] : [count]), ...names].join("*");
}

/** What is left of `a / b` once common factors are cancelled. A name that does not cancel gives a name that says so. */
export function divideDimensions(a: Shape, b: Shape): Dimension {
  const over = factors(a);
  const under = factors(b);
  cancel(over.names, under.names);
  if (under.names.length === 0 && over.count % under.count === 0) {
    return multiplyDimensions([over.count / under.count, ...over.names]);
  }
  const [top, bottom] = [over, under].map(({ count, names }) => multiplyDimensions([count, ...names]));
  return `(${top})/(${bottom})`;
}

/**
 * False where two products differ whatever their names are bound to; named sizes may turn out equal when the model
 * runs.
 */
export function mayBeEqual(a: Shape, b: Shape): boolean {
  const left = factors(a);
  const right = factors(b);
  cancel(left.names, right.names);
  return left.names.length + right.names.length > 0 || left.count === right.count;
}

function factors(sizes: Shape): { count: number; names: string[] } {
  let count = 1;
  const names: string[] = [];
  for (const size of sizes) {
    const parts = typeof size === "number" ? [size] : isProduct(size) ? size.split("*") : [`(${size})`];
    for (const part of parts) {
      if (Number.isNaN(Number(part))) names.push(String(part));
      else count *= Number(part);
    }
  }
  return { count, names: names.sort() };
}

/** Sums and quotients are factors as a whole. */
function isProduct(name: string): boolean {
  return !/[+/]/.test(name.replaceAll(/\([^()]*\)/g, ""));
}

function cancel(a: string[], b: string[]): void {
  for (const name of a.splice(0)) {
    const i = b.indexOf(name);
    if (i >= 0) b.splice(i, 1);
    else a.push(name);
  }
}

/** An axis in `0 .. rank - 1`; negative axes count from the end. */
export function resolveAxis(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (resolved < 0 || resolved >= rank) throw new GraphError(`axis ${axis} is outside a rank of ${rank}`);
  return resolved;
}
