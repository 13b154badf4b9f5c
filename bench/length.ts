import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";

/** Words of the longest example. */
const lengths = [10, 100, 300, 700, 1_500, 3_000];

/** What one compile in a process of its own came to. */
export interface LengthRow {
  kind: "labels" | "text";
  words: number;
  /** How many of the 24 examples are so long. */
  long: number;
  seconds: number;
  peakMegabytes: number;
}

/**
 * Memory and time of a `standard` compile against the length of its longest example; `--pairs` long examples of 24
 * (default 1).
 */
export default async function lengthBench({ pairs = "1" }: Options): Promise<void> {
  const script = fileURLToPath(new URL("length-compile.ts", import.meta.url));
  const rows: LengthRow[] = [];
  for (const kind of ["labels", "text"] as const) {
    for (const words of lengths) {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...process.execArgv, script, kind, String(words), pairs],
        { maxBuffer: 2 ** 24 },
      );
      rows.push(JSON.parse(stdout.trim().split("\n").at(-1) as string));
      console.error(JSON.stringify(rows.at(-1)));
    }
  }
  const of = (kind: string, words: number) => rows.find((row) => row.kind === kind && row.words === words) as LengthRow;
  printTable(
    ["words of the longest example", "labels s", "labels MB", "text s", "text MB"],
    lengths.map((words) => [
      String(words),
      ...(["labels", "text"] as const).flatMap((kind) => {
        const { seconds, peakMegabytes } = of(kind, words);
        return [seconds.toFixed(1), String(peakMegabytes)];
      }),
    ]),
  );
  writeResults("length", { long: Number(pairs), rows });
}
