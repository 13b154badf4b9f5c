import { describe, expect, it } from "vitest";
import { classScores, type Dual, fitLogistic, product, softmax } from "./logistic.ts";
import { seededRandom } from "./random.ts";

const random = seededRandom(3);
const rows = Array.from({ length: 12 }, () => Float32Array.from({ length: 5 }, () => random() - 0.5));
const classes = rows.map((row) => ((row[0] as number) > 0 ? 0 : (row[1] as number) > 0 ? 1 : 2));
const kernel = rows.map((a) => Float64Array.from(rows, (b) => product(a, b)));
const all = [...rows.keys()];
const scoresOf = (dual: Dual, row: number) => classScores(dual, kernel[row] as Float64Array, 3);

describe("logistic regression", () => {
  it.each([
    ["equal", all.map(() => 1)],
    ["different", all.map((i) => (i < 4 ? 2 : 0.5))],
  ])("stops where the gradient of the penalised loss is zero, rows with %s weights", (_, weights) => {
    const penalty = 0.1;
    const dual = fitLogistic(kernel, all, classes, 3, penalty, weights);
    // Of the primal weights, written out here: sum over rows of (share - target) x row, plus penalty x weight.
    for (let c = 0; c < 3; c++) {
      for (let feature = 0; feature < 5; feature++) {
        let gradient = 0;
        for (const i of all) {
          const share = softmax(scoresOf(dual, i))[c] as number;
          const error = share - Number(classes[i] === c);
          gradient +=
            ((weights[i] as number) * error + penalty * (dual[3 * i + c] as number)) * (rows[i]?.[feature] as number);
        }
        expect(Math.abs(gradient)).toBeLessThan(5e-3);
      }
    }
  });

  it("learns what can be learned", () => {
    const dual = fitLogistic(kernel, all, classes, 3, 0.001);
    const found = all.map((i) => {
      const scores = scoresOf(dual, i);
      return scores.indexOf(Math.max(...scores));
    });
    expect(found).toEqual(classes);
  });
});
