import { expect, it } from "vitest";
import { guessNext } from "./lookup.ts";

it("goes on as the longest same run did, at its last place", () => {
  expect(guessNext([1, 2, 3, 4, 9, 2, 3])).toEqual([4, 9, 2, 3]);
  expect(guessNext([1, 2, 7, 5, 2, 8, 5, 1, 2])).toEqual([7, 5, 2, 8, 5, 1, 2]);
  expect(guessNext([3, 10, 3, 11, 3])).toEqual([11, 3]);
});

it("guesses nothing where nothing is repeated", () => {
  expect(guessNext([1, 2, 3, 4])).toEqual([]);
  expect(guessNext([1])).toEqual([]);
  expect(guessNext([])).toEqual([]);
});

it("guesses a few tokens at a time", () => {
  const many = Array.from({ length: 50 }, (_, i) => i);
  expect(guessNext([...many, 10])).toEqual([11, 12, 13, 14, 15, 16, 17]);
});
