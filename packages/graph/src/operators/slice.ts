import type { Graph, Value } from "../graph.ts";
import type { Operator } from "../operator.ts";
import { type Dimension, GraphError } from "../types.ts";
import { need, needNumbers } from "./check.ts";
import { sub } from "./elementwise.ts";
import { concat, reshape, resolveAxes } from "./layout.ts";
import { shape } from "./shape.ts";

/** The end of an axis, however long it is: `slice(x, g.ints([1]), g.ints([toTheEnd]), g.ints([0]))` leaves the first row out. */
export const toTheEnd: number = 2 ** 31 - 1;

/** `start .. end - 1` of axes: `slice(x, g.ints(starts), g.ints(ends), g.ints(axes))`; negative numbers count from the end. */
export const slice: Operator = {
  name: "Slice",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    const starts = needNumbers(constants, 1);
    const ends = needNumbers(constants, 2);
    const axes = resolveAxes(needNumbers(constants, 3), x.shape.length);
    if (starts.length !== axes.length || ends.length !== axes.length)
      throw new GraphError(`${starts.length} starts and ${ends.length} ends for ${axes.length} axes`);
    const shape = [...x.shape];
    axes.forEach((axis, i) => {
      shape[axis] = sliced(shape[axis] as Dimension, starts[i] as number, ends[i] as number);
    });
    return [{ type: x.type, shape }];
  },
  gradient(g, { inputs }, [dy]) {
    const [x, , , axesValue] = inputs as [Value, Value, Value, Value];
    const [starts, ends, numbers] = inputs.slice(1).map((value) => g.contents(value as Value) as number[]) as [
      number[],
      number[],
      number[],
    ];
    const margins = resolveAxes(numbers, x.shape.length).map((axis, i) =>
      marginsOf(g, x, dy as Value, axis, starts[i] as number, ends[i] as number),
    );
    const pads = margins.flatMap(([before]) => before).concat(margins.flatMap(([, after]) => after));
    const padded = g.add(pad, [
      dy,
      pads.every((value) => typeof value === "number")
        ? g.ints(pads)
        : g.add(
            concat,
            pads.map((value) => (typeof value === "number" ? g.ints([value]) : value)),
            { axis: 0 },
          ),
      g.scalar(0),
      axesValue,
    ]);
    return [padded.shape.join() === x.shape.join() ? padded : g.add(reshape, [padded, g.sizes(x.shape, x)])];
  },
};

function sliced(size: Dimension, start: number, end: number): Dimension {
  if (typeof size === "string") return start === 0 && end === toTheEnd ? size : `${size}[${start}:${end}]`;
  const [from, to] = [start, end].map((place) => Math.min(Math.max(place < 0 ? place + size : place, 0), size));
  return Math.max((to as number) - (from as number), 0);
}

/** How much of an axis a slice left out before and after it: numbers, or int64 `[1]` where the size is known only at run time. */
function marginsOf(
  g: Graph,
  x: Value,
  dy: Value,
  axis: number,
  start: number,
  end: number,
): [number | Value, number | Value] {
  const [size, left] = [x.shape[axis] as Dimension, dy.shape[axis] as Dimension];
  if (typeof size === "number" && typeof left === "number") {
    const before = Math.min(Math.max(start < 0 ? start + size : start, 0), size);
    return [before, size - before - left];
  }
  const minus = (a: Value, b: Value | number) => g.add(sub, [a, typeof b === "number" ? g.ints([b]) : b]);
  const gone = minus(g.sizes([size], x), g.add(shape, [dy], { start: axis, end: axis + 1 }));
  if (start >= 0) return [start, minus(gone, start)];
  const after = end === toTheEnd ? 0 : -end;
  return [minus(gone, after), after];
}

/** Zeros around a tensor: `pad(x, g.ints([...before, ...after]), g.scalar(0), g.ints(axes))`. The rule of `slice` uses it. */
const pad: Operator = {
  name: "Pad",
  domain: "",
  infer(inputs, _attributes, constants) {
    const x = need(inputs, 0);
    const axes = resolveAxes(needNumbers(constants, 3), x.shape.length);
    const pads = constants[1];
    const shape = [...x.shape];
    axes.forEach((axis, i) => {
      const sum = [shape[axis], pads?.[i], pads?.[i + axes.length]];
      shape[axis] = sum.every((size) => typeof size === "number")
        ? sum.reduce<number>((total, size) => total + Number(size), 0)
        : `padded(${shape[axis]})`;
    });
    return [{ type: x.type, shape }];
  },
};
