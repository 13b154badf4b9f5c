import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { describe, expect, it } from "vitest";
import { scopeOf } from "./head.ts";
import { gumbel, seededRandom } from "./random.ts";
import { fitScope, outsideInputs } from "./scope.ts";

const random = seededRandom(4);
/** Rows around a place, `[rows][2 layers x 8]`. */
const around = (place: readonly number[], count: number): Float32Array[] =>
  Array.from({ length: count }, () =>
    Float32Array.from({ length: 16 }, (_, i) => (place[i] ?? 0) + 0.5 * gumbel(random)),
  );
const home = [2, -1, 0, 1, 0, 0, 3, 0, 1];

it("is sure of what is like the examples, and of nothing else", () => {
  const others = Array.from({ length: 80 }, (_, i) => around([i % 3, (i % 5) - 2, 0, -1, i % 2], 1)).flat();
  const { weights, bias } = fitScope(around(home, 24), others, 2);
  const probability = (row: Float32Array) =>
    1 / (1 + Math.exp(-row.reduce((sum, value, i) => sum + value * (weights[i] as number), bias)));
  const shares = (rows: Float32Array[]) => rows.filter((row) => probability(row) > 0.5).length / rows.length;
  expect(shares(around(home, 200))).toBeGreaterThan(0.9);
  expect(shares(around([0, 1, 0, -1], 200))).toBeLessThan(0.3);
});

it("cannot tell where the examples are like everything else: then most inputs are for the function", () => {
  const { weights, bias } = fitScope(around([], 30), around([], 90), 2);
  const logits = around([], 100).map((row) =>
    row.reduce((sum, value, i) => sum + value * (weights[i] as number), bias),
  );
  const mean = logits.reduce((sum, logit) => sum + 1 / (1 + Math.exp(-logit)), 0) / logits.length;
  expect(mean).toBeGreaterThan(0.6);
  expect(mean).toBeLessThan(0.95);
});

describe("inputs that a spec is not for", () => {
  const specOf = (input: string, example: string) =>
    parseSpec(`---\nreturns: [a, b]\ninput: ${input}\n---\nWhich?\n\n## Examples\n${example}\n`, "x.paw").spec as Spec;

  it("are such texts", () => {
    expect(outsideInputs(specOf("string", "- some text => a")).map(({ input }) => input)).toContain("Tuesday");
  });

  it("have them in fields of free text, and an example's other fields", () => {
    const spec = specOf(
      "{ kind: [big, small], title: string, day: date }",
      "- { kind: big, title: T, day: 2026-01-02 } => a",
    );
    const inputs = outsideInputs(spec).map(({ input }) => input);
    expect(inputs).toContain("kind: big\ntitle: Tuesday\nday: 2026-01-02");
    expect(outsideInputs(specOf("{ stars: number }", "- { stars: 3 } => a"))).toEqual([]);
  });
});

it("is left of a head that says nothing of labels", () => {
  const head = { layers: 1, weights: Float32Array.of(1, 2, 3, 4, 5, 6), bias: Float32Array.of(7, 8, 9) };
  expect(scopeOf({ labels: ["a", "b"] }, head)).toEqual({
    layers: 1,
    weights: Float32Array.of(0, 0, 0, 0, 5, 6),
    bias: Float32Array.of(0, 0, 9),
  });
});
