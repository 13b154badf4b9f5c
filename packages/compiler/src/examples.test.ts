import { openInterpreter } from "@unplugin-paw/interpreter";
import type { Batch, Example } from "@unplugin-paw/interpreter/training";
import type { Contract, OutputContract } from "@unplugin-paw/program";
import { answerChoices, type Engine, inputTokens, type LabelTrie } from "@unplugin-paw/runtime/decode";
import { beforeAll, describe, expect, it } from "vitest";
import { batches, type TrainingSet, trainingSet } from "./examples.ts";
import { seededRandom } from "./random.ts";

let engine: Engine;
beforeAll(async () => {
  // Only the tokenizer is used: no session.
  engine = { interpreter: await openInterpreter(), session: undefined as never };
});

const contract = (output: OutputContract): Contract => ({ input: { kind: "string" }, output });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A model to try examples on: the score of a token behind some others is as good as random. */
function score(before: readonly number[], token: number): number {
  let state = 17;
  for (const id of [...before, token]) state = (Math.imul(state, 31) + id) >>> 0;
  return seededRandom(state)() * 6;
}

function logShare(scores: readonly number[], chosen: number): number {
  return (scores[chosen] as number) - Math.log(sum(scores.map(Math.exp)));
}

describe("examples of closed labels", () => {
  // Labels that begin alike, one that is the beginning of another, and one that is on its own.
  const labels = ["New York", "New York City", "New Jersey", "Newark", "Boston", "not there"];
  const output = contract({ kind: "labels", labels });
  const input = "I took the ferry to Staten Island";
  const setOf = () =>
    trainingSet(
      engine,
      output,
      labels.map((label) => ({ input, output: label })),
    );

  const closedSet = () => answerChoices(engine.interpreter, output).closed as { trie: LabelTrie };

  it("have a row for each branch of the trie on the way to the label, and no other", () => {
    const { trie } = closedSet();
    const { examples, columns = [] } = setOf();
    expect(trie.branches.length).toBeGreaterThan(2);
    expect([...columns].sort()).toEqual(
      [...new Set(trie.branches.flatMap(({ children }) => children.map(({ token }) => token)))].sort(),
    );
    for (const [label, { answers }] of examples.entries()) {
      const rows = trie.branches.flatMap(({ children }) => {
        const chosen = children.find((child) => child.labels.includes(label));
        return chosen ? [{ target: chosen.token, allowed: children.map(({ token }) => token).sort() }] : [];
      });
      const found = answers.map(({ targets, weights, allowed = [] }) => {
        expect({ targets: targets.length, weights }).toEqual({ targets: 1, weights: [1] });
        return { target: columns[targets[0] as number], allowed: allowed.map((column) => columns[column]).sort() };
      });
      expect(found).toEqual(rows);
    }
  });

  it("run the label's own tokens, as far as there is something to choose", () => {
    const { tokenizer, chat } = engine.interpreter;
    const ids = inputTokens(engine.interpreter, input);
    for (const [label, example] of setOf().examples.entries()) {
      const tokens = [...tokenizer.encode(labels[label] as string), tokenizer.special(chat.stop)];
      const deepest = Math.max(...example.answers.map(({ place }) => place));
      expect(example.ids).toEqual([...ids, ...tokens.slice(0, deepest - ids.length + 1)]);
    }
  });

  it("lose exactly the log-probability that the decoder gives the label", () => {
    const { trie } = closedSet();
    const ids = inputTokens(engine.interpreter, input);
    const way = (node: number): number[] => {
      const { token, parent } = trie.nodes[node] ?? {};
      return token === undefined ? ids : [...way(parent as number), token];
    };
    const { examples, columns = [] } = setOf();
    const gains = examples.map((example) =>
      sum(
        example.answers.map(({ place, targets, allowed = [] }) => {
          const before = example.ids.slice(0, place + 1);
          const scores = allowed.map((column) => score(before, columns[column] as number));
          return logShare(scores, allowed.indexOf(targets[0] as number));
        }),
      ),
    );
    for (const [label, gain] of gains.entries()) {
      const decoded = trie.branches.map(({ node, children }) => {
        const chosen = children.findIndex((child) => child.labels.includes(label));
        const scores = children.map(({ token }) => score(way(node), token));
        return chosen < 0 ? 0 : logShare(scores, chosen);
      });
      expect(gain).toBeCloseTo(sum(decoded), 10);
    }
    expect(sum(gains.map(Math.exp))).toBeCloseTo(1, 10);
  });
});

describe("examples of texts", () => {
  it("teach every token of the answer and the stop, and weigh 1 in all", () => {
    const { tokenizer, chat } = engine.interpreter;
    const pairs = ["Yes", "An answer of some more words than that", ""].map((output) => ({ input: "Why?", output }));
    const { examples, columns } = trainingSet(engine, contract({ kind: "string" }), pairs);
    expect(columns).toBeUndefined();
    const ids = inputTokens(engine.interpreter, "Why?");
    for (const [i, example] of examples.entries()) {
      const tokens = [...tokenizer.encode(pairs[i]?.output as string), tokenizer.special(chat.stop)];
      expect(example.ids).toEqual([...ids, ...tokens.slice(0, -1)]);
      expect(example.answers.map(({ place }) => place)).toEqual(tokens.map((_, at) => ids.length - 1 + at));
      expect(example.answers.flatMap(({ targets }) => targets)).toEqual(tokens);
      expect(sum(example.answers.flatMap(({ weights }) => weights))).toBeCloseTo(1, 10);
    }
  });
});

describe("batches", () => {
  const limit = 100;
  /** An example that its first id names. */
  const example = (name: number, length: number): Example => ({
    ids: [name, ...new Array(length - 1).fill(0)],
    answers: [
      { place: length - 2, targets: [1], weights: [0.5] },
      { place: length - 1, targets: [2], weights: [0.5] },
    ],
  });
  const lengths = Array.from({ length: 40 }, (_, i) => 5 + ((i * 7) % 45));
  const mixed: TrainingSet = { examples: [...lengths, 150, 101].map((length, i) => example(i, length)) };
  /** Batches of one epoch. */
  function epoch(set: TrainingSet, source: Generator<Batch, never>): Batch[] {
    const all: Batch[] = [];
    for (let left = set.examples.length; left > 0; left -= (all.at(-1) as Batch).examples.length) {
      all.push(source.next().value);
    }
    return all;
  }
  const names = (all: readonly Batch[]) => all.map(({ examples }) => examples.map(({ ids }) => ids[0] as number));

  it("hold each example once an epoch, in another order the next time", () => {
    const source = batches(mixed, limit, seededRandom(1));
    const [first, second] = [epoch(mixed, source), epoch(mixed, source)];
    for (const all of [first, second]) {
      expect(
        names(all)
          .flat()
          .sort((a, b) => a - b),
      ).toEqual([...mixed.examples.keys()]);
    }
    expect(names(second)).not.toEqual(names(first));
  });

  it("are never longer than the limit with their padding, but for a single long example", () => {
    const source = batches(mixed, limit, seededRandom(2));
    for (let i = 0; i < 5; i++) {
      for (const { examples } of epoch(mixed, source)) {
        const padded = examples.length * Math.max(...examples.map(({ ids }) => ids.length));
        if (examples.length > 1) expect(padded).toBeLessThanOrEqual(limit);
      }
    }
  });

  it("put like with like: little is padded", () => {
    const all = epoch(mixed, batches(mixed, limit, seededRandom(3)));
    const padded = sum(all.map(({ examples }) => examples.length * Math.max(...examples.map(({ ids }) => ids.length))));
    expect(padded).toBeLessThan(1.25 * sum(mixed.examples.map(({ ids }) => ids.length)));
  });

  it("are about equally long: no rest of one example", () => {
    const nine = { examples: Array.from({ length: 9 }, (_, i) => example(i, 12)) };
    const sizes = epoch(nine, batches(nine, limit, seededRandom(4))).map(({ examples }) => examples.length);
    expect(sizes.sort()).toEqual([4, 5]);
  });

  it("weigh 1 on average, each example of an epoch the same", () => {
    for (const set of [mixed, { examples: mixed.examples.slice(0, 3) }, { examples: mixed.examples.slice(0, 1) }]) {
      const all = epoch(set, batches(set, limit, seededRandom(5)));
      const weight = ({ answers }: Example) => sum(answers.flatMap(({ weights }) => weights));
      const totals = all.map(({ examples }) => sum(examples.map(weight)));
      expect(sum(totals) / all.length).toBeCloseTo(1, 10);
      for (const one of all.flatMap(({ examples }) => examples)) {
        expect(weight(one)).toBeCloseTo(all.length / set.examples.length, 10);
      }
    }
    // The set's own examples stay as they were.
    expect(mixed.examples[0]?.answers[0]?.weights).toEqual([0.5]);
  });

  it("are decided by the seed", () => {
    const take = (seed: number) => names(epoch(mixed, batches(mixed, limit, seededRandom(seed))));
    expect(take(6)).toEqual(take(6));
    expect(take(6)).not.toEqual(take(7));
  });

  it("carry the columns that their targets are places of", () => {
    const set = { ...mixed, columns: [3, 5] };
    expect(batches(set, limit, seededRandom(8)).next().value.columns).toEqual([3, 5]);
    expect(batches(mixed, limit, seededRandom(8)).next().value).not.toHaveProperty("columns");
  });
});
