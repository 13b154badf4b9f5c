import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProgramError } from "@unplugin-paw/program";
import { expect, it, onTestFinished } from "vitest";
import { readProgram } from "./program.ts";

it.runIf(process.platform !== "win32")(
  "a pipe or a hole in place of a program is an error, and nobody waits",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "paw-program-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [pipe, hole] = [join(folder, "pipe.weights"), join(folder, "hole.weights")];
    execFileSync("mkfifo", [pipe]);
    writeFileSync(hole, "");
    truncateSync(hole, 2 ** 40);
    for (const path of [pipe, hole, folder]) await expect(readProgram(path)).rejects.toBeInstanceOf(ProgramError);
  },
);
