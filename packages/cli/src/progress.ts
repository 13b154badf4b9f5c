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
  tests: "running the tests",
};

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
    update({ stage, loaded = 0, total = 0 }) {
      const bytes = stage !== "search" && stage !== "tests";
      const payload = { title, text: STAGES[stage], bytes };
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

function format(options: Options, params: Params, payload: { title: string; text: string; bytes: boolean }): string {
  const { total, value, progress } = params;
  const line = `${payload.title}: ${payload.text}`;
  if (total === 0) return `${line} ...`;
  const amount = (count: number) => (payload.bytes ? `${(count / 1e6).toFixed(1)}` : `${count}`);
  return `${line} ${cliProgress.Format.BarFormat(progress, options)} ${amount(value)}/${amount(total)}${payload.bytes ? " MB" : ""}`;
}
