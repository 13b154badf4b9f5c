/** Weights of each training row for each class, [rows, classes]: the model's weight matrix is `features^T x dual`. */
export type Dual = Float64Array;

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
  // [rows, rows]
  const near = Float64Array.from(rows.flatMap((a) => rows.map((b) => kernel[a]?.[b] as number)));
  let dual = new Float64Array(rows.length * count);
  const ahead = new Float64Array(rows.length * count);
  for (let round = 0; round < 5000; round++) {
    let largestGradient = 0;
    const next = new Float64Array(dual.length);
    for (const [i, row] of rows.entries()) {
      const shares = softmax(classScores(ahead, near.subarray(i * rows.length, (i + 1) * rows.length), count));
      for (let c = 0; c < count; c++) {
        const value = ahead[i * count + c] as number;
        const error = (shares[c] as number) - Number(classes[row] === c);
        const gradient = (weights[i] as number) * error + penalty * value;
        largestGradient = Math.max(largestGradient, Math.abs(gradient));
        next[i * count + c] = value - step * gradient;
      }
    }
    for (let i = 0; i < next.length; i++) {
      const value = next[i] as number;
      ahead[i] = value + momentum * (value - (dual[i] as number));
    }
    dual = next;
    if (largestGradient < 1e-3) break;
  }
  return dual;
}

/** Scores of each class for a row, by its products with the training rows. */
export function classScores(dual: Dual, near: Float64Array, count: number): Float64Array {
  const scores = new Float64Array(count);
  for (let i = 0; i < near.length; i++) {
    const similarity = near[i] as number;
    for (let c = 0; c < count; c++) {
      scores[c] = (scores[c] as number) + similarity * (dual[i * count + c] as number);
    }
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
