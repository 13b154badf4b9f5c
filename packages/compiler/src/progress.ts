import type { LoadProgress } from "@unplugin-paw/runtime";

/**
 * How far a compile has come: bytes while the interpreter is fetched, candidates in `search`, steps in `train`, tests
 * in `tests`.
 */
export interface CompileProgress {
  stage: LoadProgress["stage"] | "search" | "train" | "tests";
  loaded?: number;
  total?: number;
  /** Of a stage that can tell from what it has done: the time that the rest of it takes, seconds. */
  secondsLeft?: number;
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

/** A compile's progress for people. */
export interface Described {
  /** `training` */
  stage: string;
  /** `12/40` or `1.3/98.0 MB`; empty where nothing is counted. */
  amount: string;
  /** `, about 25 s left`; empty where nobody can tell. */
  time: string;
}

/**
 * Says how far a compile has come.
 *
 * @example
 * describeProgress({ stage: "train", loaded: 12, total: 40 }); // { stage: "training", amount: "12/40", time: "" }
 */
export function describeProgress({ stage, loaded, total, secondsLeft }: CompileProgress): Described {
  const bytes = !COUNTED.includes(stage);
  const show = (count: number) => (bytes ? (count / 1e6).toFixed(1) : String(count));
  const counts = loaded === undefined ? "" : total ? `${show(loaded)}/${show(total)}` : show(loaded);
  return {
    stage: STAGES[stage],
    amount: counts === "" ? "" : `${counts}${bytes ? " MB" : ""}`,
    time: secondsLeft ? `, about ${Math.ceil(secondsLeft)} s left` : "",
  };
}

/** How often a compile that goes on says so where there is no terminal, milliseconds. */
const PERIOD = 30_000;

/** Progress in lines, for logs. */
export interface PlainProgress {
  /** @param title what is worked on */
  update(title: string, progress: CompileProgress): void;
  /** Nothing is worked on for now. */
  stop(): void;
}

/**
 * Progress where there is no terminal to draw on: a line when something begins that takes long (a wait, a download, a
 * search of several candidates, a training), and one every half minute after that, so that nobody takes a long compile
 * for one that hangs.
 *
 * @param write gets each line, without its end
 */
export function plainProgress(write: (line: string) => void, period: number = PERIOD): PlainProgress {
  const said = new Map<string, number>();
  let last: [title: string, progress: CompileProgress] | undefined;
  let timer: NodeJS.Timeout | undefined;
  const say = (title: string, progress: CompileProgress) => {
    said.set(title, Date.now());
    const { stage, amount, time } = describeProgress(progress);
    write(`${title}: ${stage}${amount && ` ${amount}`}${time}`);
  };
  const due = (title: string) => Date.now() - (said.get(title) as number) >= period;
  return {
    update(title, progress) {
      last = [title, progress];
      timer ??= setInterval(() => last && said.has(last[0]) && due(last[0]) && say(...last), period).unref();
      if (said.has(title) ? due(title) : takesLong(progress)) say(title, progress);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      last = undefined;
    },
  };
}

function takesLong({ stage, total = 0 }: CompileProgress): boolean {
  return stage === "wait" || stage === "download" || stage === "train" || (stage === "search" && total > 1);
}
