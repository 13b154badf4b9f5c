/** Weights of each training row for each class: the model's weight matrix is `features^T x dual`. */
type Dual = Float64Array[];

/** A classifier over feature rows. */
export type Classify = (features: Float32Array) => number;

/** Strengths of the L2 penalty that cross-validation chooses from: scikit-learn's C is 1 / penalty, 0.1 to 1000 here. */
const penalties = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
const folds = 8;

/**
 * Multinomial logistic regression with an L2 penalty, the penalty chosen by stratified cross-validation (accuracy, then log loss).
 *
 * @param rows features, all of one length; a constant is added as intercept
 * @param classes of each row, 0 to `count` - 1
 * @returns the classifier and the penalty that was chosen
 * @example
 * const { classify } = fitLogistic([Float32Array.of(-1), Float32Array.of(1)], [0, 1], 2);
 * classify(Float32Array.of(3)); // 1
 */
export function fitLogistic(
  rows: readonly Float32Array[],
  classes: readonly number[],
  count: number,
): { classify: Classify; penalty: number } {
  const kernel = rows.map((a) => Float64Array.from(rows, (b) => product(a, b)));
  const all = [...rows.keys()];
  const order = all.toSorted((a, b) => (classes[a] as number) - (classes[b] as number));
  const scores = penalties.map((penalty) => {
    let [right, loss] = [0, 0];
    for (let fold = 0; fold < Math.min(folds, rows.length); fold++) {
      const held = order.filter((_, i) => i % folds === fold);
      const kept = all.filter((row) => !held.includes(row));
      const dual = solve(kernel, kept, classes, count, penalty);
      for (const row of held) {
        const shares = softmax(combine(dual, kernel[row] as Float64Array, kept, count));
        if (argMax(shares) === classes[row]) right++;
        loss -= Math.log(Math.max(1e-12, shares[classes[row] as number] as number));
      }
    }
    return { penalty, right, loss };
  });
  const [best] = scores.sort((a, b) => b.right - a.right || a.loss - b.loss) as [(typeof scores)[0]];
  const dual = solve(kernel, all, classes, count, best.penalty);
  const classify = (features: Float32Array) =>
    argMax(
      combine(
        dual,
        Float64Array.from(rows, (row) => product(row, features)),
        all,
        count,
      ),
    );
  return { classify, penalty: best.penalty };
}

/**
 * Nesterov's accelerated gradient descent on the weights, written in the coordinates of the training rows: with `W = X^T A` the step
 * along the gradient `X^T (P - Y) + penalty W` is `A -= step (P - Y + penalty A)`. A step costs rows^2 instead of rows x features.
 */
function solve(
  kernel: readonly Float64Array[],
  rows: readonly number[],
  classes: readonly number[],
  count: number,
  penalty: number,
): Dual {
  const largest = Math.max(...rows.map((a) => rows.reduce((sum, b) => sum + Math.abs(kernel[a]?.[b] as number), 0)));
  // Half the largest eigenvalue of the kernel bounds the curvature of the loss; a row's absolute sum bounds the eigenvalue.
  const step = 1 / (largest / 2 + penalty);
  const shrink = Math.sqrt(step * penalty);
  const momentum = (1 - shrink) / (1 + shrink);
  const zeros = () => rows.map(() => new Float64Array(count));
  let [dual, ahead] = [zeros(), zeros()];
  for (let round = 0; round < 5000; round++) {
    let largestGradient = 0;
    const next = rows.map((row, i) => {
      const shares = softmax(combine(ahead, kernel[row] as Float64Array, rows, count));
      return (ahead[i] as Float64Array).map((a, c) => {
        const gradient = (shares[c] as number) - Number(classes[row] === c) + penalty * a;
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
function combine(dual: Dual, kernelRow: Float64Array, rows: readonly number[], count: number): Float64Array {
  const scores = new Float64Array(count);
  for (const [i, row] of rows.entries()) {
    const similarity = kernelRow[row] as number;
    const weights = dual[i] as Float64Array;
    for (let c = 0; c < count; c++) scores[c] = (scores[c] as number) + similarity * (weights[c] as number);
  }
  return scores;
}

/** The dot product, with a constant 1 in either row. */
function product(a: Float32Array, b: Float32Array): number {
  let sum = 1;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function softmax(scores: Float64Array): Float64Array {
  const max = Math.max(...scores);
  const exponents = scores.map((score) => Math.exp(score - max));
  const sum = exponents.reduce((total, value) => total + value, 0);
  return exponents.map((value) => value / sum);
}

function argMax(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}
