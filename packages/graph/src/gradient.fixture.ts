import ort from "onnxruntime-node";
import { expect } from "vitest";
import { add, differentiate, encodeModel, Graph, mul, reduceSum, type Shape, type Value } from "./index.ts";

/** Numbers between `low` and `high`, the same for the same seed (mulberry32). */
export function random(seed: number, low = -1, high = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return low + ((high - low) * ((t ^ (t >>> 14)) >>> 0)) / 2 ** 32;
  };
}

export interface Trainable {
  shape: Shape;
  /** Range of its random values, -1 to 1 unless given. */
  range?: readonly [number, number];
}

export interface GradientCheck {
  /** Inputs whose gradients are checked. */
  trainables: Record<string, Trainable>;
  /** What named sizes are bound to. */
  sizes?: Record<string, number>;
  /** Other inputs that `build` makes. */
  feeds?: Record<string, ort.Tensor>;
  /** A float32 scalar of the trainables. */
  loss: (g: Graph, trainables: Record<string, Value>) => Value;
}

/** Builds a graph of a loss, differentiates it and compares each gradient with differences. Gives the graph. */
export async function checkGradients({
  trainables,
  sizes = {},
  feeds = {},
  loss: build,
}: GradientCheck): Promise<Graph> {
  const g = new Graph("check");
  const names = Object.keys(trainables);
  const values = names.map((name) => g.input(name, "float32", trainables[name]?.shape ?? []));
  const loss = build(g, Object.fromEntries(names.map((name, i) => [name, values[i] as Value])));
  const gradients = differentiate(loss, values);
  g.output("loss", loss);
  gradients.forEach((gradient, i) => {
    expect(gradient.shape).toEqual(values[i]?.shape);
    g.output(`d ${names[i]}`, gradient);
  });
  const next = random(7);
  const points = Object.entries(trainables).map(([name, { shape, range }]) => {
    return [name, randomTensor(shape, sizes, next, range)] as const;
  });
  await compareWithDifferences(g, names, { ...feeds, ...Object.fromEntries(points) });
  return g;
}

/** A float32 tensor of random numbers from `next`, which gives -1 to 1. */
export function randomTensor(
  shape: Shape,
  sizes: Record<string, number>,
  next: () => number,
  [low, high]: readonly [number, number] = [-1, 1],
): ort.Tensor {
  const dims = shape.map((size) => (typeof size === "number" ? size : (sizes[size] as number)));
  const length = dims.reduce((a, b) => a * b, 1);
  return new ort.Tensor(
    "float32",
    Float32Array.from({ length }, () => low + ((high - low) * (next() + 1)) / 2),
    dims,
  );
}

/**
 * Compares the outputs `d NAME` of a graph with central differences of fourth order of its output `loss`,
 * (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h, whose error here is mostly float32's rounding of the loss.
 */
export async function compareWithDifferences(
  g: Graph,
  names: readonly string[],
  feeds: Record<string, ort.Tensor>,
): Promise<void> {
  const session = await ort.InferenceSession.create(encodeModel(g).model);
  try {
    const lossNow = async () => Number((await session.run(feeds, ["loss"])).loss?.data[0]);
    const outputs = await session.run(feeds);
    for (const name of names) {
      const gradient = outputs[`d ${name}`] as ort.Tensor;
      const found = gradient.data as Float32Array;
      const numbers = feeds[name]?.data as Float32Array;
      expect(gradient.dims).toEqual(feeds[name]?.dims);
      const largest = found.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      // A gradient that drowns in the rounding of the loss would agree with anything.
      const noise = 1e-5 * Math.max(1, Math.abs(await lossNow()));
      expect(largest, name).toBeGreaterThan(20 * noise);
      for (const [j, x] of [...numbers].entries()) {
        const h = 0.05;
        const at = async (offset: number) => {
          numbers[j] = x + offset;
          return lossNow();
        };
        const difference = ((await at(-2 * h)) - 8 * (await at(-h)) + 8 * (await at(h)) - (await at(2 * h))) / (12 * h);
        numbers[j] = x;
        const error = Math.abs(difference - (found[j] as number));
        expect(error, `${name}[${j}]: ${found[j]}, by differences ${difference}`).toBeLessThan(1e-3 * largest + noise);
      }
    }
  } finally {
    await session.release();
  }
}

/** A scalar whose gradient with respect to `y` is another number for each element: sum of y (y + 2) / 2. */
export function probe(g: Graph, y: Value): Value {
  const terms = g.add(mul, [y, g.add(add, [y, g.scalar(2)])]);
  const axes = g.ints(y.shape.map((_, i) => i));
  return g.add(mul, [g.add(reduceSum, [terms, axes], { keepdims: 0 }), g.scalar(0.5)]);
}
