import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseShard, takeShard } from "./shard.ts";

const root = mkdtempSync(join(tmpdir(), "paw-shard-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const paths = ["a.paw", "b/a.paw", "b/c.paw", "copy/a.paw", "d.paw", "e/f/g.paw", "é.paw", "z/broken.paw"];
const files = paths.map((path) => join(root, path));
beforeAll(() => {
  for (const [index, file] of files.entries()) {
    mkdirSync(dirname(file), { recursive: true });
    const text = file.endsWith("broken.paw")
      ? "---\n"
      : `Write ${paths[index] === "copy/a.paw" ? "a.paw" : paths[index]}.\n`;
    writeFileSync(file, text.includes("Write") ? `---\nreturns: string\n---\n${text}` : text);
  }
});

test.each([1, 2, 3, 7, 20])("%i shards have each spec once, and about as many programs", (count) => {
  const shards = Array.from({ length: count }, (_, index) => takeShard(files, { index: index + 1, count }));
  expect(shards.flat().sort()).toEqual([...files].sort());
  // The copy goes with its original.
  const [original, copy] = ["a.paw", "copy/a.paw"].map((path) =>
    shards.findIndex((of) => of.includes(join(root, path))),
  );
  expect(copy).toBe(original);
  const programs = shards.map((of) => of.filter((file) => !file.includes("copy")).length);
  expect(Math.max(...programs) - Math.min(...programs)).toBeLessThanOrEqual(1);
  // On another machine files may be listed in another order.
  expect(
    Array.from({ length: count }, (_, index) => takeShard([...files].reverse(), { index: index + 1, count })),
  ).toEqual(shards);
});

test("a shard is written 2/5", () => {
  expect(parseShard("2/5")).toEqual({ index: 2, count: 5 });
  for (const text of ["", "0/5", "6/5", "2", "2/", "/5", "2/0", "-1/5", "1.5/2", "2/5/9", "two/five"]) {
    expect(parseShard(text)).toBeUndefined();
  }
});
