import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder, writeFolder, writeWhole, writeWholeSync } from "./whole.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paw-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writers = [
  ["at once", async (path: string, content: string) => writeWholeSync(path, content)],
  ["by a function", async (path: string, content: string) => writeWholeSync(path, (at) => writeFileSync(at, content))],
  ["in the background", (path: string, content: string) => writeWhole(path, content)],
] as const;

describe.each(writers)("a file that is written %s", (_, write) => {
  it("takes the place of what lies there, and changes nothing elsewhere", async () => {
    const elsewhere = join(folder, "elsewhere");
    writeFileSync(elsewhere, "mine");
    const note = join(folder, "note");
    symlinkSync(elsewhere, note);
    await write(note, "a note");
    expect([readFileSync(note, "utf8"), readFileSync(elsewhere, "utf8")]).toEqual(["a note", "mine"]);
    rmSync(note);
    mkdirSync(note);
    await expect(write(note, "again")).rejects.toThrow();
    expect(readdirSync(folder).sort()).toEqual(["elsewhere", "note"]);
  });

  it("has its folder made", async () => {
    await write(join(folder, "a", "b", "file"), "text");
    expect(readFileSync(join(folder, "a", "b", "file"), "utf8")).toBe("text");
  });

  it("may be written by many at once: one of them is there, whole", async () => {
    const path = join(folder, "file");
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(texts.map((text) => write(path, text)));
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});

it("a file whose writing is cancelled is as it was", async () => {
  const path = join(folder, "file");
  await writeWhole(path, "before");
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(writeWhole(path, "after", { signal })).rejects.toThrow("enough");
  expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["file"], "before"]);
});

it("a folder is whole, or as it was", async () => {
  const path = join(folder, "made");
  await writeFolder(path, (at) => writeFile(join(at, "one"), ""));
  const failing = writeFolder(path, async (at) => {
    await writeFile(join(at, "two"), "");
    throw new Error("no luck");
  });
  await expect(failing).rejects.toThrow("no luck");
  expect([readdirSync(folder), readdirSync(path)]).toEqual([["made"], ["one"]]);
  await writeFolder(path, (at) => writeFile(join(at, "two"), ""));
  expect(readdirSync(path)).toEqual(["two"]);
});

it.runIf(process.platform === "linux")("a folder that the system refuses is an error, not a wait", async () => {
  await expect(makeFolder("/proc/paw/none")).rejects.toMatchObject({ code: "ENOENT" });
  execFileSync("mkfifo", [join(folder, "pipe")]);
  await expect(makeFolder(join(folder, "pipe"))).rejects.toMatchObject({ code: "EEXIST" });
});
