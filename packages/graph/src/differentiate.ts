import type { Graph, Node, Value } from "./graph.ts";
import { add } from "./operators/elementwise.ts";
import { formatType, GraphError } from "./value-type.ts";

/**
 * Reverse-mode differentiation (https://arxiv.org/abs/1502.05767): appends the backward pass to the graph of `loss` and
 * gives the gradient of `loss` with respect to each wanted value, in their order and of their shapes. Make them
 * outputs, and one run of the model gives loss and gradients.
 *
 * Only nodes between a wanted value and the loss are visited: what is not wanted (frozen weights) costs nothing, and no
 * weight is copied. Each operator's rule is `Operator.gradient`. Call it once for all wanted values: a second call adds
 * a second backward pass.
 *
 * @param loss a float32 scalar, shape `[]`
 * @param wanted float32 inputs, weights or intermediate values
 * @throws GraphError, before anything is added, where the loss does not depend on a wanted value or an operator between
 *   them
 * has no rule
 * @example
 * const x = g.input("x", "float32", ["rows", 4]);
 * const w = g.input("w", "float32", [4, 2]);
 * const y = g.add(matMul, [x, w]);
 * const loss = g.add(reduceMean, [g.add(mul, [y, y]), g.ints([0, 1])], { keepdims: 0 });
 * const [dw] = differentiate(loss, [w]);
 * g.output("loss", loss);
 * g.output("dw", dw);
 */
export function differentiate<const W extends readonly Value[]>(
  loss: Value,
  wanted: W,
): { -readonly [K in keyof W]: Value } {
  const g = loss.graph;
  if (loss.type !== "float32" || loss.shape.length > 0)
    throw new GraphError(`the loss has to be a float32 scalar, and ${loss.name} is ${formatType(loss)}`);
  for (const value of wanted) {
    if (value.graph !== g) throw new GraphError(`${value.name} belongs to another graph than the loss`);
    if (!isFloat(value)) throw new GraphError(`${value.name}: ${formatType(value)} has no gradient, only floats have`);
  }
  const moving = dependents(g, wanted);
  const { path, reached } = pathTo(loss, moving);
  for (const value of wanted) {
    if (!reached.has(value)) throw new GraphError(`${loss.name} does not depend on ${value.name}`);
  }
  for (const { operator, outputs } of path) {
    if (!operator.gradient)
      throw new GraphError(
        `${operator.name} (node ${outputs[0]?.name}) has no gradient rule, and the loss depends on ${names(wanted)} through it`,
      );
  }

  const gradients = new Map<Value, Value>([[loss, g.scalar(1)]]);
  const found = new Map<Value, Value>();
  // A value's gradient is whole when the node that made it comes up, since all its uses stand behind that node.
  const take = (value: Value) => {
    const gradient = gradients.get(value);
    gradients.delete(value);
    if (gradient) found.set(value, gradient);
    return gradient;
  };
  for (const node of path) {
    const needed = node.inputs.map((input) => input !== undefined && moving.has(input));
    const given = node.operator.gradient?.(g, node, node.outputs.map(take), needed) ?? [];
    node.inputs.forEach((input, i) => {
      if (!input || !needed[i]) return;
      const part = given[i];
      const where = `${node.operator.name} (node ${node.outputs[0]?.name})`;
      if (!part) throw new GraphError(`${where} has no gradient with respect to its input ${i}, ${input.name}`);
      if (formatType(part) !== formatType(input))
        throw new GraphError(`${where}: the rule gave ${formatType(part)} for ${input.name}: ${formatType(input)}`);
      const sum = gradients.get(input);
      gradients.set(input, sum ? g.add(add, [sum, part]) : part);
    });
  }
  return wanted.map((value) => found.get(value) ?? gradients.get(value)) as { -readonly [K in keyof W]: Value };
}

/** The values through which a change of a wanted value moves on; integers and booleans do not carry it. */
function dependents(g: Graph, wanted: readonly Value[]): Set<Value> {
  const moving = new Set(wanted);
  for (const { inputs, outputs } of g.nodes) {
    if (!inputs.some((input) => input && moving.has(input))) continue;
    for (const output of outputs) if (isFloat(output)) moving.add(output);
  }
  return moving;
}

/**
 * The nodes between wanted values and the loss, last first. The parts of a composition stand before it and are passed
 * over.
 */
function pathTo(loss: Value, moving: ReadonlySet<Value>): { path: Node[]; reached: Set<Value> } {
  const path: Node[] = [];
  const open = new Set([loss]);
  const reached = new Set([loss]);
  for (const node of loss.graph.nodes.toReversed()) {
    if (!node.outputs.filter((output) => open.delete(output)).some((output) => moving.has(output))) continue;
    path.push(node);
    for (const input of node.inputs) {
      if (!input || !moving.has(input)) continue;
      open.add(input);
      reached.add(input);
    }
  }
  return { path, reached };
}

function isFloat({ type }: Value): boolean {
  return type === "float32" || type === "float16";
}

function names(values: readonly Value[]): string {
  return values.map(({ name }) => name).join(", ");
}
