import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { mutateBytes, type Random } from "./random.ts";

/** Puts something strange where a file should be: other bytes, or no file at all. */
export function damageFile(random: Random, path: string, bytes: Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  const ways: [string, () => void][] = [
    ["bytes", () => writeFileSync(path, mutateBytes(random, bytes))],
    ["sound", () => writeFileSync(path, bytes)],
    ["empty", () => writeFileSync(path, "")],
    ["folder", () => mkdirSync(path)],
    ["zero", () => symlinkSync("/dev/zero", path)],
    ["loop", () => symlinkSync(path, path)],
    ["nowhere", () => symlinkSync("/none/at/all", path)],
    ["missing", () => {}],
    [
      "hole",
      () => {
        writeFileSync(path, "");
        truncateSync(path, 2 ** 38);
      },
    ],
    ["pipe", () => void execFileSync("mkfifo", [path])],
  ];
  // (Half of all are bytes.)
  const [name, make] = random.next() < 0.5 ? (ways[0] as (typeof ways)[0]) : random.pick(ways);
  make();
  return name;
}
