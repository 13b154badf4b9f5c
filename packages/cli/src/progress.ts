import { type CompileProgress, describeProgress, plainProgress } from "@unplugin-paw/compiler";
import cliProgress, { type Options, type Params } from "cli-progress";

interface Payload {
  title: string;
  progress: CompileProgress;
}

/** A bar on the terminal; lines where stderr is none, or in CI. */
export interface Progress {
  update(progress: CompileProgress): void;
  /** Clears the bar's line. Call it before anything else is printed. */
  stop(): void;
}

/** @param title what is worked on, such as a file's name */
export function startProgress(title: string): Progress {
  if (!process.stderr.isTTY || process.env.CI) {
    const { update, stop } = plainProgress((line) => process.stderr.write(`${line}\n`));
    return { update: (progress) => update(title, progress), stop };
  }
  const bar = new cliProgress.SingleBar({
    format,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
    stopOnComplete: false,
  });
  let started = false;
  return {
    update(progress) {
      const { loaded = 0, total = 0 } = progress;
      const payload: Payload = { title, progress };
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
export function format(options: Options, { total, progress: share }: Params, { title, progress }: Payload): string {
  const { stage, amount, time } = describeProgress(progress);
  if (total === 0) return `${title}: ${stage} ...`;
  return `${title}: ${stage} ${cliProgress.Format.BarFormat(share, options)} ${amount}${time}`;
}
