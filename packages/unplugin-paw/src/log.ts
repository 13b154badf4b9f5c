import { basename } from "node:path";
import type { Compiled, CompileProgress } from "@unplugin-paw/compiler";

/** The line that tells of one compile: `paw sentiment.paw  compiled 12.3 s  1.9 MB  tests 9/10`. */
export function compiledLine(file: string, { seconds, weights, report }: Compiled): string {
  const parts = [`paw ${basename(file)}`, `compiled ${seconds.toFixed(1)} s`, `${megabytes(weights.length)} MB`];
  if (report.accuracy !== null) parts.push(`tests ${report.passed}/${report.cases.length}`);
  return parts.join("  ");
}

/** Shows progress on one line of a terminal, and nothing elsewhere. */
export interface Progress {
  update(file: string, progress: CompileProgress): void;
  /** Wipes the line, so that the next output does not stand behind it. */
  clear(): void;
}

export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const shown = Boolean(stream.isTTY) && !process.env.CI;
  let drawn = "";
  const draw = (line: string) => {
    if (!shown || line === drawn) return;
    drawn = line;
    stream.write(`\r\u001b[2K${line.slice(0, (stream.columns || 80) - 1)}`);
  };
  return {
    update: (file, progress) => draw(progressLine(file, progress)),
    clear: () => draw(""),
  };
}

const STAGES: Record<CompileProgress["stage"], string> = {
  wait: "waiting for another build",
  download: "downloading the interpreter (once per user)",
  unpack: "unpacking the interpreter",
  verify: "verifying the interpreter",
  convert: "converting the interpreter (once per user)",
  load: "loading the interpreter",
  search: "searching",
  train: "training",
  tests: "scoring its tests",
};

/** Stages that count their parts; the others count bytes. */
const COUNTED: readonly CompileProgress["stage"][] = ["search", "train", "tests"];

/** `paw sentiment.paw  training 12/40, about 25 s left`. */
export function progressLine(file: string, { stage, loaded, total, secondsLeft }: CompileProgress): string {
  const bytes = !COUNTED.includes(stage);
  const show = (count: number) => (bytes ? megabytes(count) : String(count));
  const unit = bytes ? " MB" : "";
  const count = loaded === undefined ? "" : ` ${show(loaded)}${total === undefined ? unit : `/${show(total)}${unit}`}`;
  const time = secondsLeft ? `, about ${Math.ceil(secondsLeft)} s left` : "";
  return `paw ${basename(file)}  ${STAGES[stage]}${count}${time}`;
}

/** Bytes as megabytes with one decimal. */
function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
