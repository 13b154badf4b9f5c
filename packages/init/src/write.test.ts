import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Change, writeAll } from "./write.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paw-files-"));
  writeFileSync(at("a"), "old a");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const change = (name: string, before: string | undefined): Change => ({ path: at(name), before, after: `new ${name}` });

test("all is written, modes and links stay", () => {
  chmodSync(at("a"), 0o750);
  writeFileSync(at("target"), "old");
  symlinkSync("target", at("link"));
  writeAll([change("a", "old a"), change("deep/b", undefined), change("link", "old")]);
  expect(readFileSync(at("a"), "utf8")).toBe("new a");
  expect(statSync(at("a")).mode & 0o777).toBe(0o750);
  expect(readFileSync(at("deep/b"), "utf8")).toBe("new deep/b");
  expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("target"), "utf8")).toBe("new link");
});

test.each([
  ["a folder that cannot be made", (): Change => change("c/d", undefined), "Cannot write"],
  ["a file that changed since it was read", (): Change => change("c", "older"), "changed in the meantime"],
])("%s: nothing is written", (_, bad, message) => {
  writeFileSync(at("c"), "old c");
  expect(() => writeAll([change("a", "old a"), bad()])).toThrow(message);
  expect(readdirSync(folder).sort()).toEqual(["a", "c"]);
  expect(readFileSync(at("a"), "utf8")).toBe("old a");
  expect(readFileSync(at("c"), "utf8")).toBe("old c");
});
