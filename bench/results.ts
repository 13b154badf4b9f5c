import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";

/** One column's score on one task. */
export interface Result {
  task: string;
  column: string;
  metric: string;
  /** 0 to 1, mean over the test inputs. */
  score: number;
  /** Training and answering all test inputs together. */
  seconds: number;
  numbers?: Record<string, number>;
  commit: string;
}

/** Results as they come, so that a run of hours that is killed goes on where it stopped. */
export interface ResultLog {
  append(result: Result): void;
  /** The newest first. */
  read(): Result[];
}

/** Opens `bench/results/NAME.jsonl`: a line a result, by whichever runs. */
export function openLog(name: string): ResultLog {
  const folder = new URL("./results/", import.meta.url);
  const file = new URL(`${name}.jsonl`, folder);
  return {
    append(result) {
      mkdirSync(folder, { recursive: true });
      appendFileSync(file, `${JSON.stringify(result)}\n`);
    },
    read: () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").flatMap(parse).reverse() : []),
  };
}

function parse(line: string): Result[] {
  try {
    return [JSON.parse(line)];
  } catch {
    // The last line of a run that was killed, or the end of the file.
    return [];
  }
}
