import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hasEnded, thisProcess } from "./holder.ts";
import { withLock } from "./lock.ts";

const never = new AbortController().signal;
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paw-lock-"));
  path = join(folder, "thing");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The number of a process that has ended. */
async function ended(): Promise<number> {
  const child = spawn(process.execPath, ["--version"]);
  await once(child, "exit");
  return child.pid as number;
}

it("leaves nothing behind, also when the work fails", async () => {
  await withLock(path, never, expect.unreachable, async () => {
    expect(readdirSync(folder).sort()).toEqual(["thing.holder", "thing.lock"]);
  });
  const failing = withLock(path, never, expect.unreachable, () => Promise.reject(new Error("no luck")));
  await expect(failing).rejects.toThrow("no luck");
  expect(readdirSync(folder)).toEqual([]);
});

it("is not taken from a process that lives, though it says nothing for longer than a dead one may", async () => {
  const order: string[] = [];
  const first = withLock(path, never, expect.unreachable, async () => {
    // As training does: nothing else runs in this process meanwhile, not even what says that it lives.
    const until = performance.now() + 3_500;
    await sleep(10);
    while (performance.now() < until);
    order.push("first");
  });
  await sleep(5);
  const second = withLock(
    path,
    never,
    () => {},
    async () => void order.push("second"),
  );
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
});

it("tells a process that has ended from one that lives, or that may be anywhere", async () => {
  const here = JSON.parse(thisProcess()) as [string, string, number];
  expect(hasEnded(thisProcess())).toBe(false);
  const pid = await ended();
  expect(hasEnded(JSON.stringify([here[0], here[1], pid]))).toBe(true);
  expect(hasEnded(JSON.stringify([`not-${hostname()}`, here[1], pid]))).toBe(false);
  expect(hasEnded(JSON.stringify([here[0], "pid:[0]", pid]))).toBe(false);
  for (const said of [undefined, "", "{}", "[", JSON.stringify([here[0], here[1], "1"])]) {
    expect(hasEnded(said)).toBe(false);
  }
});

it("is taken from a dead holder whose last sign is in the future, told by its process", async () => {
  mkdirSync(`${path}.lock`);
  const [host, space] = JSON.parse(thisProcess()) as [string, string, number];
  writeFileSync(`${path}.holder`, JSON.stringify([host, space, await ended()]));
  const future = Date.now() / 1000 + 86_400;
  utimesSync(`${path}.lock`, future, future);
  expect(
    await withLock(
      path,
      never,
      () => {},
      async () => "done",
    ),
  ).toBe("done");
});

it("is taken from a holder of the future that gives no sign, whoever it was", async () => {
  mkdirSync(`${path}.lock`);
  const future = Date.now() / 1000 + 86_400;
  utimesSync(`${path}.lock`, future, future);
  expect(
    await withLock(
      path,
      never,
      () => {},
      async () => "done",
    ),
  ).toBe("done");
}, 90_000);

it.runIf(process.platform === "linux").each<[string, (path: string) => void]>([
  ["a file", (path) => writeFileSync(path, "")],
  ["a pipe", (path) => void execFileSync("mkfifo", [path])],
  ["a link to nothing", (path) => symlinkSync("/none", path)],
  ["a link to a folder", (path) => symlinkSync(tmpdir(), path)],
])("is taken where %s has its name", async (_, make) => {
  make(`${path}.lock`);
  expect(await withLock(path, never, expect.unreachable, async () => "done")).toBe("done");
  expect(readdirSync(folder)).toEqual([]);
});

it("says which folder to remove that is no lock, and removes nothing of it", async () => {
  mkdirSync(join(`${path}.lock`, "mine"), { recursive: true });
  utimesSync(`${path}.lock`, 1, 1);
  const taking = withLock(
    path,
    never,
    () => {},
    async () => "done",
  );
  await expect(taking).rejects.toMatchObject({ code: "STORE_UNWRITABLE", hint: "Remove the folder and run again." });
  expect(readdirSync(`${path}.lock`)).toEqual(["mine"]);
});

it.runIf(process.platform === "linux").each(["pipe", "zero", "long"])(
  "is not held up by a holder's file that is a %s",
  async (kind) => {
    mkdirSync(`${path}.lock`);
    utimesSync(`${path}.lock`, 1, 1);
    if (kind === "pipe") execFileSync("mkfifo", [`${path}.holder`]);
    else if (kind === "zero") symlinkSync("/dev/zero", `${path}.holder`);
    else writeFileSync(`${path}.holder`, Buffer.alloc(2 ** 24, "["));
    expect(
      await withLock(
        path,
        never,
        () => {},
        async () => "done",
      ),
    ).toBe("done");
    expect(readdirSync(folder)).toEqual([]);
  },
);

it("is taken whatever lies where the holder tells of itself", async () => {
  writeFileSync(`${path}.holder`, "\0");
  expect(await withLock(path, never, expect.unreachable, async () => "done")).toBe("done");
});
