import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ownFolder } from "./own-folder.ts";

let folder: string;
let guessed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paw-temporary-"));
  vi.stubEnv("TMPDIR", folder);
  guessed = join(folder, `unplugin-paw-${process.getuid?.()}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test.runIf(process.getuid)("is the user's, for nobody else to write, and the same in each run", () => {
  expect(ownFolder()).toBe(guessed);
  expect(statSync(guessed).mode & 0o777).toBe(0o700);
  expect(ownFolder()).toBe(guessed);
});

test.runIf(process.getuid).each<[string, (path: string) => void]>([
  ["a link to a folder", (path) => symlinkSync(folder, path)],
  ["a file", (path) => writeFileSync(path, "")],
  [
    "a folder that all may write to",
    (path) => {
      mkdirSync(path);
      chmodSync(path, 0o777);
    },
  ],
])("is another one where its name is that of %s", (_, make) => {
  make(guessed);
  const own = ownFolder();
  expect(own).not.toBe(guessed);
  expect(statSync(own).mode & 0o777).toBe(0o700);
});
