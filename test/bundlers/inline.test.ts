import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { files } from "../apps.ts";
import { run } from "../plugin-helpers/app.ts";
import { type Answers, answersInNode, copyApp, options, removeApps } from "../web/app.ts";
import { mapped, nothingLeft } from "./features.ts";
import { rows } from "./rows.ts";

let expected: Omit<Answers, "isolated">;

beforeAll(async () => {
  expected = await answersInNode();
});
afterAll(removeApps);

const node = rows.filter(({ runs, build }) => runs === "node" && build);

test.for(node)("$bundler, $mode: with `inline` programs are in the code, and nowhere else", async (row) => {
  const root = await copyApp(`inline-${row.bundler}-${row.mode}`.replace(/\W+/g, "-").toLowerCase());
  const out = join(root, "out");
  const inline = { ...options, inline: true };
  await row.build?.({ root, options: inline, entries: ["node.js"] });
  const built = await files(out);
  expect(built.filter((file) => !/\.c?js(\.map)?$|\.LICENSE\.txt$/.test(file))).toEqual([]);
  const { tone, topic, plain } = await run<Answers>(
    join(out, built.find((file) => /^node\.c?js$/.test(file)) as string),
  );
  expect({ tone, topic, plain }).toEqual({ tone: expected.tone, topic: expected.topic, plain: expected.plain });
  if (row.notes?.map === undefined) expect(await mapped(out, join(root, "src/topic.paw"))).toBe(true);
  await rm(out, { recursive: true });
  await row.build?.({ root, options: inline, entries: ["unused.js"] });
  expect(await nothingLeft(out)).toBe(true);
  await rm(root, { recursive: true });
});
