import type { ProgramMeta } from "./api.ts";
import type { AnyPawFunction } from "./function.ts";

/**
 * What a module is told by a dev server that replaces it: `import.meta.hot` of Vite, `import.meta.webpackHot` of
 * webpack and Rspack.
 */
export interface HotContext {
  /** What the module's predecessor left. */
  data?: { paw?: Held } | undefined;
  dispose(leave: (data: { paw?: Held }) => void): void;
}

/** The function that importers have, and the program that answers for it now. */
interface Held {
  run: AnyPawFunction;
  use(next: AnyPawFunction): void;
}

/**
 * In development: a function that stays the same when its module is replaced, so that whoever imported it keeps it, and
 * the page its state. From then on the new program answers; a call that runs ends with the program that it began with.
 *
 * @param next the module's program; an error where there is none, and the one that was there before goes on answering
 * @param hot absent where modules are not replaced (they are loaded anew then)
 * @example
 * export default swappable(program("/tone.weights", meta), import.meta.hot);
 * import.meta.hot?.accept();
 */
export function swappable(next: AnyPawFunction | Error, hot: HotContext | undefined): AnyPawFunction {
  let held = hot?.data?.paw;
  if (next instanceof Error) {
    if (!held) throw next;
  } else {
    if (!hot) return next;
    held ??= hold(next.meta);
    held.use(next);
  }
  hot?.dispose((data) => {
    data.paw = held;
  });
  return held.run;
}

const optional = ["classify", "score", "locate", "stream"] as const;

function hold(meta: ProgramMeta): Held {
  let current: AnyPawFunction;
  // Modules have imported these objects by name; all say the same.
  const metas = new Set<ProgramMeta>();
  /** Of some functions only. */
  const others: Pick<Required<AnyPawFunction>, (typeof optional)[number]> = {
    classify: (...args) => (current as Required<AnyPawFunction>).classify(...args),
    score: (...args) => (current as Required<AnyPawFunction>).score(...args),
    locate: (...args) => (current as Required<AnyPawFunction>).locate(...args),
    stream: (...args) => (current as Required<AnyPawFunction>).stream(...args),
  };
  const call = (...args: Parameters<AnyPawFunction>) => current(...args);
  const run: AnyPawFunction = Object.assign(call, {
    meta,
    batch: (...args: Parameters<AnyPawFunction["batch"]>) => current.batch(...args),
    each: (...args: Parameters<AnyPawFunction["each"]>) => current.each(...args),
    assess: (...args: Parameters<AnyPawFunction["assess"]>) => current.assess(...args),
    load: (...args: Parameters<AnyPawFunction["load"]>) => current.load(...args),
  });
  return {
    run,
    use(next) {
      current = next;
      metas.add(next.meta);
      for (const known of metas) Object.assign(known, next.meta);
      // An edit may make labels of a text, or the other way round.
      for (const name of optional) {
        if (next[name]) Object.assign(run, { [name]: others[name] });
        else delete run[name];
      }
    },
  };
}
