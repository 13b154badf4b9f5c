import { classScores, fitLogistic, product, softmax } from "@unplugin-paw/compiler/internals";

/** A classifier over feature rows. */
export type Classify = (features: Float32Array) => number;

/**
 * Strengths of the L2 penalty that cross-validation chooses from: scikit-learn's C is 1 / penalty, 0.1 to 1000 here.
 */
const penalties = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
const folds = 8;

/**
 * Multinomial logistic regression with an L2 penalty, the penalty chosen by stratified cross-validation (accuracy, then
 * log loss).
 *
 * @param rows features, all of one length; a constant is added as intercept
 * @param classes of each row, 0 to `count` - 1
 * @returns the classifier and the penalty that was chosen
 * @example
 * const { classify } = crossValidatedLogistic([Float32Array.of(-1), Float32Array.of(1)], [0, 1], 2);
 * classify(Float32Array.of(3)); // 1
 */
export function crossValidatedLogistic(
  rows: readonly Float32Array[],
  classes: readonly number[],
  count: number,
): { classify: Classify; penalty: number } {
  const kernel = rows.map((a) => Float64Array.from(rows, (b) => product(a, b)));
  const nearTo = (row: number, others: readonly number[]) =>
    Float64Array.from(others, (other) => kernel[row]?.[other] as number);
  const all = [...rows.keys()];
  const order = all.toSorted((a, b) => (classes[a] as number) - (classes[b] as number));
  const scores = penalties.map((penalty) => {
    let [right, loss] = [0, 0];
    for (let fold = 0; fold < Math.min(folds, rows.length); fold++) {
      const held = order.filter((_, i) => i % folds === fold);
      const kept = all.filter((row) => !held.includes(row));
      const dual = fitLogistic(kernel, kept, classes, count, penalty);
      for (const row of held) {
        const shares = softmax(classScores(dual, nearTo(row, kept), count));
        if (argMax(shares) === classes[row]) right++;
        loss -= Math.log(Math.max(1e-12, shares[classes[row] as number] as number));
      }
    }
    return { penalty, right, loss };
  });
  const [best] = scores.sort((a, b) => b.right - a.right || a.loss - b.loss) as [(typeof scores)[0]];
  const dual = fitLogistic(kernel, all, classes, count, best.penalty);
  const classify = (features: Float32Array) =>
    argMax(
      classScores(
        dual,
        Float64Array.from(rows, (row) => product(row, features)),
        count,
      ),
    );
  return { classify, penalty: best.penalty };
}

function argMax(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}
