import { expect, it } from "vitest";
import { labelChoices, labelTrie } from "./trie.ts";

const stop = 2;

it("asks once where the first tokens differ", () => {
  expect(labelTrie(labelChoices([[11], [12, 13], [14, 15, 16]], stop))).toEqual({
    labels: 3,
    nodes: [],
    branches: [
      {
        node: -1,
        children: [
          { token: 11, labels: [0] },
          { token: 12, labels: [1] },
          { token: 14, labels: [2] },
        ],
      },
    ],
  });
});

it("runs the tokens that labels share, and asks where they part", () => {
  const { nodes, branches } = labelTrie(labelChoices([[5, 6, 7], [5, 6, 8], [9]], stop));
  expect(nodes).toEqual([
    { token: 5, parent: -1 },
    { token: 6, parent: 0 },
  ]);
  expect(branches.map(({ node }) => node)).toEqual([-1, 1]);
});

it("lets a label end where a longer one goes on", () => {
  const { branches } = labelTrie(labelChoices([[5], [5, 6]], stop));
  expect(branches).toEqual([
    {
      node: 0,
      children: [
        { token: stop, labels: [0] },
        { token: 6, labels: [1] },
      ],
    },
  ]);
});

it("refuses labels that the model could not tell apart", () => {
  expect(() =>
    labelTrie(
      labelChoices(
        [
          [5, 6],
          [5, 6],
        ],
        stop,
      ),
    ),
  ).toThrow(RangeError);
});
