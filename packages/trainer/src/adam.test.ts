import { describe, expect, it } from "vitest";
import { Adam, type AdamOptions } from "./adam.ts";

const parameter = (...numbers: number[]) => ({ shape: [numbers.length], data: Float32Array.from(numbers) });

/**
 * How far one number goes at each of some steps, from 0 and against gradients of -1: Adam's normalised gradient is then
 * always -1.
 */
function rates(steps: number, options: Partial<AdamOptions> = {}): number[] {
  const number = parameter(0);
  const adam = new Adam([number], { learningRate: 1, steps, ...options });
  return Array.from({ length: steps }, () => {
    const [before] = number.data;
    adam.step([parameter(-1)]);
    return (number.data[0] as number) - (before as number);
  });
}

describe("Adam", () => {
  it("goes a full rate against each number's sign at first, whatever the gradient's size", () => {
    const numbers = parameter(1, -2, 3, 4);
    new Adam([numbers], { learningRate: 0.1, steps: 1 }).step([parameter(0.5, -0.001, 0.2, 0)]);
    [0.9, -1.9, 2.9, 4].forEach((value, i) => {
      expect(numbers.data[i]).toBeCloseTo(value, 5);
    });
  });

  it("follows the published update, worked out by hand, with its averages", () => {
    const number = parameter(0);
    const adam = new Adam([number], { learningRate: 1, steps: 10 });
    // Of ten steps, one is warm-up; the second is the first of the cosine.
    adam.step([parameter(0.4)]);
    expect(number.data[0]).toBeCloseTo(-1, 5);
    adam.step([parameter(-0.2)]);
    const mean = (0.9 * 0.1 * 0.4 + 0.1 * -0.2) / (1 - 0.9 ** 2);
    const square = (0.99 * 0.01 * 0.16 + 0.01 * 0.04) / (1 - 0.99 ** 2);
    const rate = (1 + Math.cos(Math.PI / 10)) / 2;
    expect(number.data[0]).toBeCloseTo(-1 - (rate * mean) / Math.sqrt(square), 5);
  });

  it("shortens a long gradient to length 1 over all parameters, and leaves a short one", () => {
    // The first gradient decides how much the second one counts: seen as (30, 40), clipped to (0.6, 0.8), or not
    // clipped.
    const after = (first: [number, number]) => {
      const [one, two] = [parameter(0), parameter(0)];
      const adam = new Adam([one, two], { learningRate: 1, steps: 10 });
      adam.step([parameter(first[0]), parameter(first[1])]);
      adam.step([parameter(0.3), parameter(0.1)]);
      return [one.data[0], two.data[0]];
    };
    expect(after([30, 40])).toEqual(after([0.6, 0.8]).map((value) => expect.closeTo(value as number, 5)));
    expect(after([0.3, 0.4])).not.toEqual(after([0.6, 0.8]).map((value) => expect.closeTo(value as number, 2)));
  });

  it("pulls a number back to where it started, not to zero", () => {
    const run = (decay: number) => {
      const number = parameter(5);
      const adam = new Adam([number], { learningRate: 0.1, steps: 200, decay });
      for (let step = 0; step < 200; step++) adam.step([parameter(-0.1)]);
      return number.data[0] as number;
    };
    expect(run(0)).toBeGreaterThan(12);
    // Balance between a normalised gradient of 1 and the pull `decay * distance`.
    expect(run(4)).toBeCloseTo(5.25, 2);
    const still = parameter(5);
    const adam = new Adam([still], { learningRate: 0.1, steps: 20, decay: 4 });
    for (let step = 0; step < 20; step++) adam.step([parameter(0)]);
    expect(still.data[0]).toBe(5);
  });

  it("finds the bottom of a narrow valley", () => {
    const numbers = parameter(4, -3);
    const adam = new Adam([numbers], { learningRate: 0.3, steps: 300 });
    for (let step = 0; step < 300; step++) {
      const [x, y] = numbers.data as unknown as [number, number];
      adam.step([parameter(0.02 * (x - 1), 2 * (y + 0.5))]);
    }
    expect(numbers.data[0]).toBeCloseTo(1, 2);
    expect(numbers.data[1]).toBeCloseTo(-0.5, 2);
  });

  it("warms up over a tenth of the steps, then falls by a cosine to almost nothing", () => {
    const all = rates(100);
    for (let step = 1; step <= 10; step++) expect(all[step - 1]).toBeCloseTo(step / 10, 4);
    expect(Math.max(...all)).toBeCloseTo(1, 4);
    for (let step = 11; step < 100; step++) expect(all[step]).toBeLessThan(all[step - 1] as number);
    expect(all[54]).toBeCloseTo((1 + Math.cos((Math.PI * 45) / 91)) / 2, 4);
    expect(all[99]).toBeGreaterThan(0);
    expect(all[99]).toBeLessThan(0.001);
  });

  it("has a full step where there is only one", () => {
    expect(rates(1)[0]).toBeCloseTo(1, 5);
  });
});
