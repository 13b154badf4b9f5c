import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeOnce } from "./once.ts";
import { writeFolder } from "./whole.ts";

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), "paw-once-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "below", "thing");
}

it("many who want a thing get the one that one of them makes", async () => {
  const path = place();
  const look = () => {
    try {
      return readFileSync(join(path, "number"), "utf8");
    } catch {
      return undefined;
    }
  };
  let count = 0;
  const make = async () => {
    const text = String(count++);
    await writeFolder(path, async (at) => writeFileSync(join(at, "number"), text));
    return text;
  };
  expect(await Promise.all([1, 2, 3].map(() => makeOnce(path, { look, make })))).toEqual(["0", "0", "0"]);
  expect(await makeOnce(path, { look, make })).toBe("0");
  expect(count).toBe(1);
});

it("a thing that could not be made is made by the next who wants it", async () => {
  const path = place();
  const look = () => undefined;
  await expect(makeOnce(path, { look, make: () => Promise.reject(new Error("no luck")) })).rejects.toThrow("no luck");
  expect(await makeOnce(path, { look, make: async () => "made" })).toBe("made");
});

it("a place that cannot be written is told before anything is made", async () => {
  const path = place();
  const file = join(path, "..", "..", "file");
  writeFileSync(file, "");
  const making = makeOnce(join(file, "thing"), { look: () => undefined, make: async () => expect.unreachable() });
  await expect(making).rejects.toMatchObject({ name: "DiskError", code: "STORE_UNWRITABLE" });
});
