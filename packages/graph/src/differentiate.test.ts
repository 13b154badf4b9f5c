import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { checkGradients, probe } from "./gradient.fixture.ts";
import * as graph from "./index.ts";
import { differentiate, elementTypes, encodeModel, Graph, GraphError, type Value } from "./index.ts";

/** The outputs of a graph of x = [1, 2]. */
async function run(name: string, build: (g: Graph, x: Value) => Record<string, Value>) {
  const g = new Graph(name);
  for (const [name, value] of Object.entries(build(g, g.input("x", "float32", [2])))) g.output(name, value);
  const session = await ort.InferenceSession.create(encodeModel(g).model);
  const outputs = await session.run({ x: new ort.Tensor("float32", [1, 2], [2]) });
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

describe("gradients", () => {
  it("a value with several uses, and one in the middle", async () => {
    await checkGradients({
      sizes: { tokens: 3 },
      trainables: { x: { shape: ["tokens", 2] }, w: { shape: [2, 2] } },
      loss(g, { x, w }) {
        const y = g.add(graph.matMul, [x, w]);
        return probe(g, g.add(graph.add, [g.add(graph.mul, [y, x]), g.add(graph.add, [y, g.add(graph.sigmoid, [y])])]));
      },
    });
    const outputs = await run("middle", (g, x) => {
      const y = g.add(graph.mul, [x, g.scalar(3)]);
      const [dx, dy] = differentiate(probe(g, y), [x, y]);
      return { dx, dy };
    });
    expect(outputs).toEqual({ dx: [12, 21], dy: [4, 7] });
  });

  it("a weight", async () => {
    const outputs = await run("weight", (g, x) => {
      const w = g.weight("w", "float32", [2], Float32Array.of(3, 5));
      return { dw: differentiate(probe(g, g.add(graph.mul, [x, w])), [w])[0] };
    });
    expect(outputs).toEqual({ dw: [4, 22] });
  });

  it("through a cast to float16, which finite differences are too fine for", async () => {
    const outputs = await run("halves", (g, x) => {
      const half = g.add(graph.cast, [x], { to: elementTypes.float16.code });
      const loss = probe(g, g.add(graph.cast, [half], { to: elementTypes.float32.code }));
      return { dx: differentiate(loss, [x])[0] };
    });
    expect(outputs).toEqual({ dx: [2, 3] });
  });
});

/** How many nodes of each operator a graph has. */
const count = (g: Graph, name: string) => g.nodes.filter(({ operator }) => operator.name === name).length;

describe("what is frozen costs nothing", () => {
  it("adds one product for a product, and no second copy of the weight", () => {
    const g = new Graph("frozen");
    const x = g.input("x", "float32", ["tokens", 4]);
    const w = g.weight("w", "float32", [6, 4], new Float32Array(24));
    const v = g.weight("v", "float32", [6, 2], new Float32Array(12));
    const hidden = g.add(graph.sigmoid, [g.add(graph.fusedMatMul, [x, w], { transB: 1 })]);
    const loss = probe(g, g.add(graph.matMul, [hidden, v]));
    const before = { products: count(g, "FusedMatMul") + count(g, "MatMul"), weights: external(g) };
    differentiate(loss, [x]);
    expect(count(g, "FusedMatMul") + count(g, "MatMul")).toBe(before.products + 2);
    expect(count(g, "Transpose")).toBe(0);
    expect(external(g)).toEqual(before.weights);
    // Each weight is read as it is stored, once forward and once back.
    for (const weight of [w, v]) expect(g.nodes.filter(({ inputs }) => inputs.includes(weight))).toHaveLength(2);
  });

  it("adds nothing for a branch that leads to no wanted value", () => {
    const branches = (frozen: boolean) => {
      const g = new Graph("branches");
      const x = g.input("x", "float32", ["tokens", 4]);
      const other = g.input("other", "float32", ["tokens", 4]);
      const long = [1, 2, 3].reduce((y) => g.add(graph.sigmoid, [y]), other);
      const loss = probe(g, g.add(graph.mul, [x, long]));
      const before = g.nodes.length;
      differentiate(loss, frozen ? [x] : [x, other]);
      return { g, added: g.nodes.length - before };
    };
    const { g, added } = branches(true);
    // 3 for each sigmoid, 1 for the product's other side
    expect(branches(false).added).toBe(added + 10);
    expect(g.constants.filter(({ external }) => external)).toHaveLength(0);
  });

  it("does not compute the deviation of a norm that only runs forward", () => {
    const g = new Graph("norm");
    const x = g.input("x", "float32", [1, 2]);
    const scale = g.weight("scale", "float32", [2], Float32Array.of(1, 1));
    const [y, deviation] = g.addAll(graph.rmsNorm, [x, scale], { axis: -1, epsilon: { float: 0 } }) as [Value, Value];
    g.output("y", y);
    const named = () => Buffer.from(encodeModel(g).model).includes(deviation.name);
    expect(named()).toBe(false);
    differentiate(probe(g, y), [x]);
    expect(named()).toBe(true);
  });
});

function external(g: Graph): string[] {
  return g.constants.filter(({ external }) => external).map(({ value }) => value.name);
}

describe("mistakes", () => {
  const setUp = () => {
    const g = new Graph("mistakes");
    const x = g.input("x", "float32", ["tokens", 4]);
    const other = g.input("other", "float32", [4]);
    return { g, x, other, loss: probe(g, x) };
  };
  const { g, x, other, loss } = setUp();
  const keys = g.input("keys", "float32", [1, 1, "past", 4]);
  const one = g.input("one", "int32", [1]);
  const query = g.add(graph.reshape, [x, g.sizes([1, "tokens", 4])]);
  const [attended] = g.addAll(graph.groupQueryAttention, [query, query, query, keys, keys, one, one], {
    num_heads: 1,
    kv_num_heads: 1,
  });
  const throughAttention = probe(g, attended as Value);
  const positions = g.input("positions", "int64", ["tokens"]);
  const steps = g.add(graph.cast, [x], { to: elementTypes.int64.code });
  const throughIntegers = probe(g, g.add(graph.gather, [other, steps], { axis: 0 }));
  const cosines = g.input("cosines", "float32", [9, 2]);
  const rotated = probe(g, g.add(graph.rotaryEmbedding, [query, g.ints([0]), cosines, cosines]));

  it.each([
    [
      "a loss that is no scalar",
      () => differentiate(x, [x]),
      "has to be a float32 scalar, and x is float32[tokens, 4]",
    ],
    ["a wanted value beside the loss", () => differentiate(loss, [x, other]), "does not depend on other"],
    ["dependence through integers only", () => differentiate(throughIntegers, [x]), "does not depend on x"],
    ["wanted integers", () => differentiate(loss, [positions]), "positions: int64[tokens] has no gradient"],
    ["a value of another graph", () => differentiate(loss, [setUp().x]), "x belongs to another graph than the loss"],
    [
      "an operator without a rule",
      () => differentiate(throughAttention, [keys]),
      /GroupQueryAttention \(node GroupQueryAttention_\d+\) has no gradient rule, and the loss depends on keys through it/,
    ],
  ])("%s", (_name, run, message) => {
    const before = g.nodes.length;
    expect(run).toThrow(GraphError);
    expect(run).toThrow(message);
    expect(g.nodes.length).toBe(before);
  });

  it("an input of an operator without a rule for it", () => {
    expect(() => differentiate(rotated, [cosines])).toThrow(
      /RotaryEmbedding .* has no gradient with respect to its input 2, cosines/,
    );
  });

  it("a rule that gives a gradient of another shape", () => {
    const wrong: graph.Operator = { ...graph.exp, gradient: (g) => [g.scalar(1)] };
    expect(() => differentiate(probe(g, g.add(wrong, [x])), [x])).toThrow("gave float32[] for x: float32[tokens, 4]");
  });

  it("a named size that no input has", () => {
    expect(() => g.sizes(["batch", 4])).toThrow("no input of graph mistakes has a size named batch");
  });
});
