import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { sweep } from "./sweep.ts";

it("removes what is old and nobody's, and nothing else", async () => {
  const make = () => {
    const folder = mkdtempSync(join(tmpdir(), "paw-sweep-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const key = "mood-0123456789abcdef";
    for (const name of [key, `${key}.12.partial`, `${key}.lock`, `${key}.13.partial/mine`, "mood.lock"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    for (const name of [`${key}.holder`, `${key}.12.partial/mood.weights`, "x.holder"])
      writeFileSync(join(folder, name), "");
    return folder;
  };
  const [young, old] = [make(), make()];
  const all = readdirSync(young).sort();
  await sweep(young);
  expect(readdirSync(young).sort()).toEqual(all);
  await sweep(old, Date.now() + 700_000);
  expect(readdirSync(old).sort()).toEqual([
    "mood-0123456789abcdef",
    "mood-0123456789abcdef.13.partial",
    "mood.lock",
    "x.holder",
  ]);
});
