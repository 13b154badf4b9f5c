import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { withLock } from "@unplugin-paw/disk";
import { thisProcess } from "../../../packages/disk/src/holder.ts";
import { damageFile } from "../files.ts";
import type { Kind } from "../kind.ts";

const [, space] = JSON.parse(thisProcess()) as [string, string, number];
/** No process has it: it is above what the kernel gives. */
const nobody = 2 ** 30;

export const kind: Kind = {
  name: "locks",
  what: "locks of the past and the future, files and links under their names, holders that lie",
  count: 300,
  async run({ random, folder }) {
    const path = join(folder, "thing");
    const dead = JSON.stringify([hostname(), space, nobody]);
    const now = Date.now() / 1000;
    if (random.next() < 0.5) damageFile(random, `${path}.lock`, Buffer.from("x"));
    else mkdirSync(`${path}.lock`);
    damageFile(random, `${path}.holder`, Buffer.from(dead));
    // Of a dead holder at any time, or of anybody long ago. (One of nobody in the future is waited for half a minute:
    // lock.test.ts.)
    try {
      if (random.next() < 0.3) {
        const time = now + random.pick([-1e6, -10, 86_400, 1e8]);
        rmSync(`${path}.holder`, { recursive: true, force: true });
        writeFileSync(`${path}.holder`, dead);
        utimesSync(`${path}.lock`, time, time);
      } else utimesSync(`${path}.lock`, now - 1e6, now - 1e6);
    } catch {
      // There is nothing under its name whose time could be set.
    }
    const done = await withLock(
      path,
      new AbortController().signal,
      () => {},
      async () => "done",
    );
    if (done !== "done") throw new Error("the work was not done");
    if (readdirSync(folder).includes("thing.lock")) throw new Error("the lock was not given back");
  },
};
