import type { CompileProgress } from "@unplugin-paw/compiler";
import cliProgress, { type Options, type Params } from "cli-progress";

const STAGES: Record<CompileProgress["stage"], string> = {
  wait: "waiting for another process",
  download: "downloading the interpreter",
  unpack: "unpacking the interpreter",
  verify: "verifying the interpreter",
  convert: "converting the interpreter",
  load: "loading the interpreter",
  search: "searching the program",
  train: "training the program",
  tests: "running the tests",
};

/** Stages that count their parts; the others count bytes. */
const COUNTED: readonly CompileProgress["stage"][] = ["search", "train", "tests"];

interface Payload {
  title: string;
  text: string;
  bytes: boolean;
  secondsLeft: number | undefined;
}

/** A bar on the terminal; silent where stderr is none, or in CI. */
export interface Progress {
  update(progress: CompileProgress): void;
  /** Clears the bar's line. Call it before anything else is printed. */
  stop(): void;
}

/** @param title what is worked on, such as a file's name */
export function startProgress(title: string): Progress {
  if (!process.stderr.isTTY || process.env.CI) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    format,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
    stopOnComplete: false,
  });
  let started = false;
  return {
    update({ stage, loaded = 0, total = 0, secondsLeft }) {
      const payload: Payload = { title, text: STAGES[stage], bytes: !COUNTED.includes(stage), secondsLeft };
      if (started) bar.setTotal(total);
      else bar.start(total, loaded, payload);
      started = true;
      bar.update(loaded, payload);
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}

/** The bar's line. */
export function format(
  options: Options,
  { total, value, progress }: Params,
  { title, text, bytes, secondsLeft }: Payload,
): string {
  const line = `${title}: ${text}`;
  if (total === 0) return `${line} ...`;
  const amount = (count: number) => (bytes ? `${(count / 1e6).toFixed(1)}` : `${count}`);
  const time = secondsLeft ? `, about ${Math.ceil(secondsLeft)} s left` : "";
  const bar = cliProgress.Format.BarFormat(progress, options);
  return `${line} ${bar} ${amount(value)}/${amount(total)}${bytes ? " MB" : ""}${time}`;
}
