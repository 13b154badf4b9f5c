import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";
import { readSuite } from "./suite.ts";

const paw = fileURLToPath(new URL("../packages/cli/bin/paw.js", import.meta.url));
const spec = "---\nreturns: [praise, complaint, question]\n---\nSays what a text is.\n";

interface Row {
  way: string;
  linesPerSecond: number;
  /** Of the process, when a tenth of the lines is answered, and the most. */
  megabytesEarly: number;
  megabytesMost: number;
}

/**
 * `paw map` as a filter, on inputs of all tasks: one worker that has one core, one that has all, and two. Lines a second
 * are counted from the first answer on, so without what loading takes.
 */
export default async function map(options: Options): Promise<void> {
  if (!options.suite) throw new Error("map needs --suite DIR, a folder with tasks/*.json");
  const count = Number(options.tests ?? 2000);
  const inputs = readSuite(options.suite).flatMap(({ test }) => test.map(({ input }) => input));
  const lines = Array.from({ length: count }, (_, i) => `${JSON.stringify(inputs[(i * 7) % inputs.length])}\n`);
  const folder = mkdtempSync(join(tmpdir(), "paw-bench-"));
  writeFileSync(join(folder, "kind.paw"), spec);
  execFileSync(process.execPath, [paw, "compile", "kind.paw", "--effort", "draft"], { cwd: folder, stdio: "ignore" });
  const one = [process.execPath, paw, "map", "kind.weights", "--workers"];
  const rows: Row[] = [];
  for (const [way, command] of [
    ["1 worker on one core", ["taskset", "-c", "0", ...one, "1"]],
    ["1 worker", [...one, "1"]],
    ["2 workers", [...one, "2"]],
  ] as const) {
    rows.push({ way, ...(await measure(command, folder, lines)) });
    console.error(JSON.stringify(rows.at(-1)));
  }
  rmSync(folder, { recursive: true });
  const [first] = rows as [Row, ...Row[]];
  printTable(
    ["", "lines/s", "of the first", "MB after a tenth", "most"],
    rows.map(({ way, linesPerSecond, megabytesEarly, megabytesMost }) => [
      ...[way, linesPerSecond.toFixed(1), (linesPerSecond / first.linesPerSecond).toFixed(2)],
      ...[megabytesEarly.toFixed(0), megabytesMost.toFixed(0)],
    ]),
  );
  writeResults("map", { lines: count, rows });
}

async function measure([command, ...args]: readonly string[], cwd: string, lines: string[]): Promise<Omit<Row, "way">> {
  const child = spawn(command as string, args, { cwd, stdio: ["pipe", "pipe", "ignore"] });
  // (It reads as fast as it answers, so what is written waits in this process.)
  child.stdin.end(lines.join(""));
  const ended = once(child, "exit");
  let [answered, start, end, megabytesEarly, megabytesMost] = [0, 0, 0, 0, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "") continue;
    answered++;
    end = performance.now();
    if (answered === 1) start = end;
    if (answered % 50 === 0) megabytesMost = Math.max(megabytesMost, megabytes(child.pid as number));
    if (answered === Math.ceil(lines.length / 10)) megabytesEarly = megabytes(child.pid as number);
  }
  const [code] = await ended;
  if (code !== 0 || answered !== lines.length) {
    throw new Error(`paw map ended with ${code} after ${answered} of ${lines.length} lines`);
  }
  return { linesPerSecond: ((answered - 1) / (end - start)) * 1000, megabytesEarly, megabytesMost };
}

/** What a process has in memory now; 0 where it has ended, its last answers not being read yet. */
function megabytes(pid: number): number {
  const status = `/proc/${pid}/status`;
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
