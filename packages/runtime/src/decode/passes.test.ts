import { expect, it } from "vitest";
import { passes } from "./passes.ts";

async function cut(costs: readonly number[], limits = { room: 8192, reserve: 0 }): Promise<number[][]> {
  const all: number[][] = [];
  for await (const pass of passes(costs, (cost) => cost, limits)) all.push(pass);
  return all;
}

it("fills a pass as far as it goes, in order", async () => {
  expect(await cut([200, 184, 1, 383, 1, 1])).toEqual([
    [200, 184],
    [1, 383],
    [1, 1],
  ]);
  expect(await cut([])).toEqual([]);
});

it("gives what is too large for any pass one of its own", async () => {
  expect(await cut([10, 5000, 10])).toEqual([[10], [5000], [10]]);
});

it("leaves room in the context for what each is answered", async () => {
  expect(await cut([10, 10, 10], { room: 100, reserve: 35 })).toEqual([[10, 10], [10]]);
});

it("what is not run takes no room", async () => {
  expect(await cut([384, 0, 0], { room: 400, reserve: 16 })).toEqual([[384, 0, 0]]);
});

it("gives a pass before it reads what comes after it", async () => {
  const read: number[] = [];
  async function* stream() {
    for (const cost of [300, 300, 300]) {
      read.push(cost);
      yield cost;
    }
  }
  const [first] = [await passes(stream(), (cost) => cost, { room: 8192, reserve: 0 }).next()];
  expect(first.value).toEqual([300]);
  expect(read).toHaveLength(2);
});
