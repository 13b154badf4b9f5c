import { expect, it } from "vitest";
import { anyText, decisions } from "./choices.ts";
import { mostProbable } from "./generate.ts";
import { labelChoices } from "./trie.ts";

const stop = 2;

it("every token of a text is a decision", () => {
  expect(decisions(anyText, [5, 6, stop])).toEqual(
    [5, 6, stop].map((token, place) => ({ place, token, among: undefined })),
  );
});

it("labels are decided where they part, and nowhere else", () => {
  const start = labelChoices([[5, 6, 7], [5, 6, 8, 9], [5]], stop);
  expect(decisions(start, [5, 6, 8, 9, stop])).toEqual([
    { place: 1, token: 6, among: [6, stop] },
    { place: 2, token: 8, among: [7, 8] },
  ]);
  expect(decisions(start, [5, stop])).toEqual([{ place: 1, token: stop, among: [6, stop] }]);
});

it("a place can be gone on from in several ways, and off the set in none", () => {
  const start = labelChoices([[5, 6], [7]], stop);
  expect([start.after(5).next, start.after(7).next, start.next]).toEqual([[6], [stop], [5, 7]]);
  expect(start.after(5).after(6).after(stop).next).toEqual([]);
  expect(() => start.after(8)).toThrow(RangeError);
});

it("the most probable token is one of those that may follow", () => {
  const logits = Float32Array.of(9, 1, 3, 3);
  expect(mostProbable(logits)).toBe(0);
  expect(mostProbable(logits, [1, 2, 3])).toBe(2);
});
