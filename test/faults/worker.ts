import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kind } from "./kind.ts";
import { Random } from "./random.ts";

// A process that tries cases of one kind, one after the other; the parent ends it where one hangs, and sees where one
// ends it.

/** Errors that this project makes on purpose. */
const TYPED = [
  "ProgramError",
  "InputError",
  "OutputError",
  "DiskError",
  "InterpreterError",
  "CompileError",
  "RemoteError",
  "DamagedEntry",
  "UsageError",
];

const [file = "", seed = "0", first = "0", last = "0"] = process.argv.slice(2);
const { kind } = (await import(file)) as { kind: Kind };
const tell = (message: object) => process.send?.(message);
let loose: string | undefined;
process.on("uncaughtException", (error) => {
  loose = `uncaught ${error?.name}: ${error?.message}`;
});
process.on("unhandledRejection", (error) => {
  loose = `unhandled ${error}`;
});

for (let number = Number(first); number < Number(last); number++) {
  const folder = mkdtempSync(join(tmpdir(), "paw-faults-"));
  tell({ begin: number });
  let wrong: string | undefined;
  let ended = "value";
  loose = undefined;
  try {
    await kind.run({ random: new Random(Number(seed) * 1_000_003 + number), folder });
  } catch (error) {
    const { name, message } = error as Error;
    ended = name;
    if (!TYPED.includes(name)) wrong = `${name}: ${message}`.slice(0, 500);
  }
  tell({ end: number, ended, wrong: wrong ?? loose });
  rmSync(folder, { recursive: true, force: true });
}
process.disconnect?.();
process.exit(0);
