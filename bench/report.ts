import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** Prints rows as a Markdown table, ready for docs/benchmarks.md. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const text = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, i) => Math.max(...text.map((row) => row[i]?.length ?? 0), 3));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  console.log(line(text[0] as string[]));
  console.log(line(widths.map((width) => "-".repeat(width))));
  for (const row of text.slice(1)) console.log(line(row));
}

/** Writes a benchmark's numbers with the machine, the date and the commit to `bench/results/NAME.json`. */
export function writeResults(name: string, results: object): void {
  const folder = new URL("./results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const context = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: `${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
  };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ ...context, ...results }, null, 2)}\n`);
  console.log(`\n${context.machine}, Node ${context.node}, ${context.date.slice(0, 10)}, commit ${context.commit}`);
}

/** The commit that runs, marked where files differ from it. */
export function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
