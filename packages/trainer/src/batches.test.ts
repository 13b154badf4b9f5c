import { describe, expect, it } from "vitest";
import { batches, type TrainingSet } from "./batches.ts";
import { seededRandom } from "./random.ts";
import type { Batch, Example } from "./trainer.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

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

  it("show a variant now and then, in the place of its own example", () => {
    const variants = mixed.examples.map((_, i) => [example(1000 + i, 9), example(2000 + i, 11)]);
    const source = batches({ ...mixed, variants }, limit, seededRandom(1));
    const seen = Array.from({ length: 20 }, () => names(epoch(mixed, source)).flat());
    for (const one of seen) {
      expect(one.map((name) => name % 1000).sort((a, b) => a - b)).toEqual([...mixed.examples.keys()]);
    }
    const share = (from: number) => seen.flat().filter((name) => Math.floor(name / 1000) === from).length;
    for (const from of [1, 2]) {
      expect(share(from)).toBeGreaterThan(0);
      expect(share(from)).toBeLessThan(share(0));
    }
  });

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
