import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRegular, readRegularSync, UnfitFile } from "./regular.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "paw-regular-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const limits = { maxBytes: 1000 };
const readers = [
  ["at once", async (path: string, given = limits) => readRegularSync(path, given).bytes],
  ["in pieces", (path: string, given = limits) => readRegular(path, given)],
] as const;

describe.each(readers)("a file read %s", (_, read) => {
  it("is a regular one, also behind a link", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "text");
    symlinkSync(path, `${path}-${_}`);
    expect((await read(path)).toString()).toBe("text");
    expect((await read(`${path}-${_}`)).toString()).toBe("text");
    await expect(read(`${path}-${_}`, { ...limits, follow: false } as typeof limits)).rejects.toThrow(UnfitFile);
  });

  it("is no longer than asked for, and a hole takes no memory", async () => {
    const path = join(folder, "hole");
    writeFileSync(path, "");
    truncateSync(path, 2 ** 40);
    await expect(read(path)).rejects.toThrow(/^it has 1,099,511,627,776 bytes, and may have 1,000$/);
  });

  it("is no folder, and the file system's own error where there is none", async () => {
    await expect(read(folder)).rejects.toThrow("it is a folder, not a file");
    await expect(read(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.runIf(process.platform !== "win32")("is no pipe, device or socket: nobody waits for one", async () => {
    const pipe = join(folder, `pipe-${_}`);
    execFileSync("mkfifo", [pipe]);
    await expect(read(pipe)).rejects.toThrow("it is a pipe, not a file");
    const zero = join(folder, `zero-${_}`);
    symlinkSync("/dev/zero", zero);
    await expect(read(zero)).rejects.toThrow("it is a device");
    const server = createServer().listen(join(folder, `s-${_}`));
    await expect(read(join(folder, `s-${_}`))).rejects.toThrow("it is a device, a socket");
    server.close();
  });
});

it("can be cancelled", async () => {
  const path = join(folder, "long");
  writeFileSync(path, Buffer.alloc(100));
  await expect(readRegular(path, { ...limits, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
    "enough",
  );
});
