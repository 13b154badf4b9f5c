import { expect, test } from "vitest";
import { weighAnswers } from "./rank.ts";

/** A model of four tokens whose choice depends on how many came before. */
const log = (behind: readonly number[], token: number) =>
  Math.log([0.1, 0.2, 0.3, 0.4][(token + behind.length) % 4] as number);

test("answers share what the model gives them where they part, and sum to 1", async () => {
  // One answer begins another; 3 ends each.
  const answers = [
    [0, 3],
    [0, 1, 3],
    [0, 1, 2, 3],
    [1, 0, 3],
    [2, 2, 3],
  ];
  const asked: string[] = [];
  const found = await weighAnswers(answers, async (behind, candidates) => {
    asked.push(behind.join());
    return candidates.map((token) => log(behind, token));
  });
  const shares = found.map(Math.exp);
  expect(shares.reduce((sum, one) => sum + one)).toBeCloseTo(1, 12);
  // Behind nothing: 0, 1 or 2 of .1, .2, .3; behind 0: 3 or 1 of .1 and .3; behind 0, 1: 3 or 2 of .2 and .1.
  const expected = [(1 / 6) * (1 / 4), (1 / 6) * (3 / 4) * (2 / 3), (1 / 6) * (3 / 4) * (1 / 3), 2 / 6, 3 / 6];
  for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(expected[i] as number, 12);
  // Asked only where answers part.
  expect(asked).toEqual(["", "0", "0,1"]);
});
