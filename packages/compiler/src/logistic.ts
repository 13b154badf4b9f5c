/** Weights of each training row for each class: the model's weight matrix is `features^T x dual`. */
export type Dual = Float64Array[];

/**
 * Nesterov's accelerated gradient descent on the weights, written in the coordinates of the training rows: with `W =
 * X^T A` the step along the gradient `X^T D (P - Y) + penalty W` is `A -= step (D (P - Y) + penalty A)`, where `D` has
 * the rows' weights. A step costs rows^2 instead of rows x features.
 *
 * @param weights what each of `rows` counts for; default: 1
 */
export function fitLogistic(
  kernel: readonly Float64Array[],
  rows: readonly number[],
  classes: readonly number[],
  count: number,
  penalty: number,
  weights: readonly number[] = rows.map(() => 1),
): Dual {
  const heaviest = Math.max(...weights);
  const largest = Math.max(...rows.map((a) => rows.reduce((sum, b) => sum + Math.abs(kernel[a]?.[b] as number), 0)));
  // Half the largest eigenvalue of the kernel bounds the curvature of the loss; a row's absolute sum bounds the
  // eigenvalue.
  const step = 1 / ((heaviest * largest) / 2 + penalty);
  const shrink = Math.sqrt(step * penalty);
  const momentum = (1 - shrink) / (1 + shrink);
  const zeros = () => rows.map(() => new Float64Array(count));
  let [dual, ahead] = [zeros(), zeros()];
  for (let round = 0; round < 5000; round++) {
    let largestGradient = 0;
    const next = rows.map((row, i) => {
      const shares = softmax(classScores(ahead, kernel[row] as Float64Array, rows, count));
      return (ahead[i] as Float64Array).map((a, c) => {
        const error = (shares[c] as number) - Number(classes[row] === c);
        const gradient = (weights[i] as number) * error + penalty * a;
        largestGradient = Math.max(largestGradient, Math.abs(gradient));
        return a - step * gradient;
      });
    });
    const before = dual;
    dual = next;
    ahead = next.map((a, i) => a.map((value, c) => value + momentum * (value - (before[i]?.[c] as number))));
    if (largestGradient < 1e-3) break;
  }
  return dual;
}

/** Scores of each class for a row of the kernel. */
export function classScores(dual: Dual, kernelRow: Float64Array, rows: readonly number[], count: number): Float64Array {
  const scores = new Float64Array(count);
  for (const [i, row] of rows.entries()) {
    const similarity = kernelRow[row] as number;
    const weights = dual[i] as Float64Array;
    for (let c = 0; c < count; c++) scores[c] = (scores[c] as number) + similarity * (weights[c] as number);
  }
  return scores;
}

/** The dot product, with a constant 1 in either row. */
export function product(a: Float32Array, b: Float32Array): number {
  let sum = 1;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

export function softmax(scores: Float64Array): Float64Array {
  const max = Math.max(...scores);
  const exponents = scores.map((score) => Math.exp(score - max));
  const sum = exponents.reduce((total, value) => total + value, 0);
  return exponents.map((value) => value / sum);
}
