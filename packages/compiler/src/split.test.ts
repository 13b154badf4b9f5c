import { describe, expect, it } from "vitest";
import { seededRandom } from "./random.ts";
import { splitExamples } from "./split.ts";

const classes = (count: number) => Array.from({ length: count }, (_, i) => "abc"[i % 3] as string);

describe("splitting examples", () => {
  it.each([2, 3, 5, 15, 16, 32, 64, 500])("never measures what it shows (%i examples)", (count) => {
    for (const { shown, measured } of splitExamples(classes(count), seededRandom(1))) {
      expect(measured.length).toBeGreaterThan(0);
      expect(measured.filter((i) => shown.has(i))).toEqual([]);
    }
  });

  it("measures every example once where there are few", () => {
    const folds = splitExamples(classes(10), seededRandom(2));
    expect(folds).toHaveLength(3);
    expect(folds.flatMap(({ measured }) => measured).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("spreads classes over both sides", () => {
    const names = classes(36);
    const folds = splitExamples(names, seededRandom(3));
    expect(folds).toHaveLength(1);
    for (const name of "abc") {
      expect(folds[0]?.measured.filter((i) => names[i] === name)).toHaveLength(3);
    }
  });

  it("is decided by the seed", () => {
    expect(splitExamples(classes(20), seededRandom(4))).toEqual(splitExamples(classes(20), seededRandom(4)));
    expect(splitExamples(classes(20), seededRandom(4))).not.toEqual(splitExamples(classes(20), seededRandom(5)));
  });

  it("has nothing to measure on with fewer than two", () => {
    expect(splitExamples(["a"], seededRandom(1))).toEqual([]);
    expect(splitExamples([], seededRandom(1))).toEqual([]);
  });
});
