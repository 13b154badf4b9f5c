import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Compiled, findProgram } from "@unplugin-paw/compiler";
import { readSpec, type Spec } from "@unplugin-paw/spec";
import type { Random } from "./random.ts";

/** What came of processes that were killed at random moments of a compile. */
export interface Kills {
  /** Processes that were alive when they were killed. */
  tried: number;
  /** Those of them that were killed within 30 ms after they had begun to write the program. */
  writing: number;
  /** A program or a file that was there before is not there, or is another one. */
  lost: string[];
  /** An entry that is there and cannot be used. */
  damaged: string[];
  /** How many had written their program by then. */
  done: number;
  /** The compile after all of them: whether it went well. */
  after: boolean;
}

const bin = join(import.meta.dirname, "../../packages/cli/bin/paw.js");
const background = createRequire(import.meta.url).resolve("../../packages/compiler/dist/process.js");

const text = (more: number) =>
  `---\nreturns: [good, bad]\n---\nIs the mood good or bad? ${more}\n\n## Examples\n- A lovely day => good\n- An awful day => bad\n- So happy => good\n- So sad => bad\n`;

/** Kills compiles, in turn in the foreground (`paw compile`) and as a dev server's background process. */
/** Compiles in a process that is left alone: whether it went well, and its milliseconds. */
async function whole(folder: string, cache: string, path: string): Promise<{ well: boolean; ms: number }> {
  const start = performance.now();
  const args = [bin, "compile", "--cache-only", "--cache", cache, "--effort", "draft", path];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: "ignore" });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  return { well: code === 0, ms: performance.now() - start };
}

export async function kill(count: number, random: Random, each: (number: number) => void): Promise<Kills> {
  const folder = mkdtempSync(join(tmpdir(), "paw-kills-"));
  const cache = join(folder, "cache");
  mkdirSync(cache);
  writeFileSync(join(folder, "package.json"), "{}");
  const path = join(folder, "mood.paw");
  const kills: Kills = { tried: 0, writing: 0, lost: [], damaged: [], done: 0, after: false };
  const known = new Map<string, { spec: Spec; compiled: Compiled }>();
  try {
    // How long a draft takes here; and there is something to lose.
    writeFileSync(path, text(-1));
    const { ms } = await whole(folder, cache, path);
    for (let number = -1; kills.tried < count && number < 3 * count; number++) {
      each(kills.tried);
      // Some are the same again, so that a kill meets what an earlier one left.
      const version = text(number < 0 ? -1 : Math.floor(number / 4));
      if (number >= 0) writeFileSync(path, version);
      const { spec } = readSpec(path);
      if (!spec) throw new Error("the spec of this run is wrong");
      if (number >= 0) {
        const effort = random.next() < 0.7 ? "draft" : "standard";
        const child: ChildProcess =
          number % 2 === 0
            ? spawn(process.execPath, [bin, "compile", "--cache-only", "--cache", cache, "--effort", effort, path], {
                cwd: folder,
                stdio: "ignore",
              })
            : fork(background, [], { execArgv: [], serialization: "advanced", stdio: "ignore" });
        if (number % 2 === 1) child.send({ spec, options: { cache, effort, seed: 0 } });
        const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        // A third at a moment of the writing, which is short: the others hardly ever meet it.
        const aimed = effort === "draft" && random.next() < 0.5;
        const moment = aimed
          ? writing(cache, 6 * ms).then(() => sleep(random.next() * 30))
          : sleep(random.next() * 1.3 * ms);
        await Promise.race([moment, ended]);
        if (child.exitCode === null && child.signalCode === null) {
          kills.tried++;
          if (aimed) kills.writing++;
        }
        child.kill("SIGKILL");
        await ended;
      }
      if (readFileSync(path, "utf8") !== version) kills.lost.push(`the spec, by kill ${number}`);
      for (const wanted of ["draft", "standard"] as const) {
        const id = `${spec.digest} ${wanted}`;
        const warnings: string[] = [];
        const found = await findProgram(spec, {
          cache,
          effort: wanted,
          onWarning: (warning) => warnings.push(warning),
        }).catch((error) => {
          kills.damaged.push(`${number}: ${error.message}`);
          return undefined;
        });
        kills.damaged.push(...warnings);
        if (found && !known.has(id)) {
          kills.done++;
          known.set(id, { spec, compiled: { ...found, weights: Buffer.from(found.weights) } });
        }
      }
      for (const [id, { spec, compiled }] of known) {
        const again = await findProgram(spec, { cache, effort: id.endsWith("draft") ? "draft" : "standard" }).catch(
          () => undefined,
        );
        if (!again || Buffer.compare(again.weights, compiled.weights) !== 0)
          kills.lost.push(`${id}, by kill ${number}`);
      }
    }
    kills.after = (await whole(folder, cache, path)).well;
    return kills;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until a program is being written: its folder is there under another name. */
async function writing(cache: string, patience: number): Promise<void> {
  const before = new Set(readdirSync(cache));
  for (const end = performance.now() + patience; performance.now() < end; await sleep(1)) {
    if (readdirSync(cache).some((name) => name.endsWith(".partial") && !before.has(name))) return;
  }
}
