import { basename } from "node:path";
import { type Compiled, type CompileProgress, describeProgress, plainProgress } from "@unplugin-paw/compiler";
import type { Taught } from "@unplugin-paw/teacher";
import { shown } from "./reports.ts";

/** The line about one compile: `paw sentiment.paw  compiled 12.3 s  1.9 MB  tests 9/10`. */
export function compiledLine(file: string, { seconds, weights, report }: Compiled): string {
  const parts = [`paw ${basename(file)}`, `compiled ${seconds.toFixed(1)} s`, `${megabytes(weights.length)} MB`];
  if (report.accuracy !== null) parts.push(`tests ${score({ report })}`);
  return parts.join("  ");
}

/** `paw sentiment.paw  draft 0.9 s, training in the background`. */
export function draftLine(file: string, draft: Compiled, belowAccuracy: boolean): string {
  const took = draft.cached ? "from the cache" : `${draft.seconds.toFixed(1)} s`;
  const below = belowAccuracy ? `, below its accuracy (tests ${score(draft)})` : "";
  return `paw ${basename(file)}  draft ${took}${below}, training in the background`;
}

/** `paw sentiment.paw  trained 41 s  tests 9/10 (draft 6/10)`. */
export function trainedLine(file: string, trained: Compiled, draft: Compiled): string {
  const { seconds, report } = trained;
  const tests = report.accuracy === null ? "" : `  tests ${score(trained)} (draft ${score(draft)})`;
  return `paw ${basename(file)}  trained ${seconds.toFixed(0)} s${tests}`;
}

/** `paw sentiment.paw  asks its teacher for examples: about 47 calls, 32,900 tokens`. */
export function askingLine(file: string, estimate: string): string {
  return `paw ${basename(file)}  asks its teacher for examples: about ${estimate}`;
}

/**
 * `paw sentiment.paw  64 pairs of its teacher's in src/sentiment.paw.pairs.jsonl, for review: 31 calls, 12,345 tokens`.
 */
export function taughtLine(file: string, { path, pairs, refused }: Taught, usage: string): string {
  const left = refused > 0 ? ` (${refused} real inputs left out, which the function does not take)` : "";
  return `paw ${basename(file)}  ${pairs} pairs of its teacher's in ${shown(path)}, for review${left}: ${usage}`;
}

function score({ report }: Pick<Compiled, "report">): string {
  return `${report.passed}/${report.cases.length}`;
}

/** Shows progress: on one line of a terminal, in lines elsewhere. */
export interface Progress {
  update(file: string, progress: CompileProgress): void;
  /** Wipes the line, so that the next output has a line of its own. */
  clear(): void;
}

export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY || process.env.CI) {
    const { update, stop } = plainProgress((line) => stream.write(`paw ${line}\n`));
    return { update: (file, progress) => update(basename(file), progress), clear: stop };
  }
  let drawn = "";
  let release = () => {};
  const draw = (line: string) => {
    if (line === drawn) return;
    release();
    drawn = line;
    stream.write(`\r\u001b[2K${line.slice(0, (stream.columns || 80) - 1)}`);
    if (line !== "") release = beforeWrites([stream, process.stdout], () => draw(""));
  };
  return {
    update: (file, progress) => draw(progressLine(file, progress)),
    clear: () => draw(""),
  };
}

/** Does something before the next write to any of these, until it is released. */
function beforeWrites(streams: readonly NodeJS.WriteStream[], act: () => void): () => void {
  const undo = streams.map((stream) => {
    const { write } = stream;
    let active = true;
    const watched = (...args: Parameters<typeof write>) => {
      if (active) act();
      return write.apply(stream, args);
    };
    stream.write = watched as typeof write;
    return () => {
      active = false;
      if (stream.write === watched) stream.write = write; // (somebody else may watch it since)
    };
  });
  return () => {
    for (const one of undo) one();
  };
}

/** `paw sentiment.paw  training 12/40, about 25 s left`. */
export function progressLine(file: string, progress: CompileProgress): string {
  const { stage, amount, time } = describeProgress(progress);
  return `paw ${basename(file)}  ${stage}${amount && ` ${amount}`}${time}`;
}

/** Bytes as megabytes with one decimal. */
function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
