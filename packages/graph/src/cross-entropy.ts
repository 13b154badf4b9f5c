import type { Graph, Operator, Value } from "./graph.ts";
import { floats, indices, need } from "./operators/check.ts";
import { exp, mul, neg } from "./operators/elementwise.ts";
import { gatherElements, scatterElements } from "./operators/gather.ts";
import { unsqueeze } from "./operators/layout.ts";
import { logSoftmax } from "./operators/normalization.ts";
import { reduceSum } from "./operators/reduce.ts";
import { GraphError } from "./value-type.ts";

/**
 * The cross-entropy of distributions over a vocabulary: `- sum of weights[i, j] * log softmax(logits[i])[targets[i,
 * j]]`, a float32 scalar. Weights make it a mean (1 / n), mask rows (0; their target still has to be in the
 * vocabulary), or hold a teacher's probabilities of the `k` likeliest tokens (distillation).
 *
 * @param logits float32 `[n, vocabulary]`
 * @param targets int64 `[n]`, or `[n, k]` for several a row
 * @param weights float32, of the shape of `targets`
 * @throws GraphError where the shapes do not fit
 * @example
 * const loss = crossEntropy(g, g.add(fusedMatMul, [hidden, table], { transB: 1 }), targets, weights);
 * const [gradient] = differentiate(loss, [prefix]);
 */
export function crossEntropy(g: Graph, logits: Value, targets: Value, weights: Value): Value {
  const column = (x: Value) => (x.shape.length === 1 ? g.add(unsqueeze, [x, g.ints([-1])]) : x);
  return g.add(crossEntropyOperator, [logits, column(targets), column(weights)]);
}

/**
 * Its parts have rules, but would scatter the gradient of one token a row into a tensor of the whole vocabulary and
 * pass over it six times. As one, it is softmax minus one-hot: three passes, the last of which touches single elements.
 */
const crossEntropyOperator: Operator = {
  name: "CrossEntropy",
  domain: "",
  infer(inputs) {
    const logits = need(inputs, 0, floats);
    const targets = need(inputs, 1, indices);
    const weights = need(inputs, 2, [logits.type]);
    if (logits.shape.length !== 2 || targets.shape.length !== 2 || targets.shape[0] !== logits.shape[0])
      throw new GraphError("logits have to be [n, vocabulary] and targets [n] or [n, k]");
    if (weights.shape.join() !== targets.shape.join())
      throw new GraphError(`targets of [${targets.shape.join(", ")}] and weights of [${weights.shape.join(", ")}]`);
    return [{ type: logits.type, shape: [] }, logits, targets];
  },
  expand(g, inputs) {
    const [logits, targets, weights] = inputs as [Value, Value, Value];
    const logProbabilities = g.add(logSoftmax, [logits], { axis: -1 });
    const chosen = g.add(gatherElements, [logProbabilities, targets], { axis: 1 });
    const sum = g.add(reduceSum, [g.add(mul, [chosen, weights]), g.ints([0, 1])], { keepdims: 0 });
    return [g.add(neg, [sum]), logProbabilities, chosen];
  },
  // dlogits[i] = softmax(logits[i]) * sum of weights[i] - weights[i] at targets[i], all times dloss
  gradient(g, { inputs, outputs }, [dloss], needed) {
    const [, targets, weights] = inputs as [Value, Value, Value];
    const [, logProbabilities, chosen] = outputs as [Value, Value, Value];
    const toLogits = () => {
      const scaled = g.add(mul, [weights, dloss]);
      const rows = g.add(reduceSum, [scaled, g.ints([1])], { keepdims: 1 });
      const expected = g.add(mul, [g.add(exp, [logProbabilities]), rows]);
      return g.add(scatterElements, [expected, targets, g.add(neg, [scaled])], { axis: 1, reduction: "add" });
    };
    return [
      needed[0] ? toLogits() : undefined,
      undefined,
      needed[2] ? g.add(neg, [g.add(mul, [chosen, dloss])]) : undefined,
    ];
  },
};
