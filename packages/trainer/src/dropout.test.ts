import { describe, expect, it } from "vitest";
import { drawPlaces, pick, putBack } from "./dropout.ts";
import { seededRandom } from "./random.ts";

const shape = [2, 3, 5, 2];
const prefix = { shape, data: Float32Array.from({ length: 60 }, (_, i) => i + 1) };

describe("the dropout of a prefix", () => {
  it("keeps the first vector of each head and as many others of each, not the same", () => {
    const places = drawPlaces([4, 3, 100, 64], 0.3, seededRandom(1));
    expect(places).toHaveLength(12);
    for (const own of places) {
      expect(new Set(own).size).toBe(70);
      expect(own[0]).toBe(0);
      expect(Math.max(...own)).toBeLessThan(100);
    }
    expect(new Set(places.map((own) => [...own].sort((a, b) => a - b).join())).size).toBe(12);
  });

  it("leaves each of the others out equally often", () => {
    const random = seededRandom(2);
    const seen = new Array(10).fill(0);
    for (let draw = 0; draw < 2000; draw++)
      for (const place of drawPlaces([1, 1, 10, 1], 0.4, random)[0] ?? []) seen[place]++;
    expect(seen[0]).toBe(2000);
    // Five of nine; four standard deviations.
    for (const times of seen.slice(1)) expect(Math.abs(times - 1111)).toBeLessThan(90);
  });

  it("puts what was picked back where it stood, and nothing where nothing was", () => {
    const places = drawPlaces(shape, 0.5, seededRandom(3));
    const picked = pick(prefix, places);
    expect(picked.shape).toEqual([2, 3, 3, 2]);
    const back = putBack(picked, places, shape);
    expect(back.shape).toEqual(shape);
    for (const [i, value] of back.data.entries()) {
      const [head, place] = [Math.floor(i / 10), Math.floor(i / 2) % 5];
      expect(value).toBe(places[head]?.includes(place) ? prefix.data[i] : 0);
    }
  });

  it("keeps all and draws nothing where nothing is left out, and keeps one of one", () => {
    const never = () => expect.fail("drew");
    expect(pick(prefix, drawPlaces(shape, 0, never))).toEqual(prefix);
    expect(drawPlaces([1, 1, 1, 1], 0.9, seededRandom(1))).toEqual([[0]]);
  });
});
