import type { BackgroundOptions, Compiled, Effort } from "@unplugin-paw/compiler";
import type { Spec } from "@unplugin-paw/spec";

/** A training that runs or waits. */
export interface Training {
  spec: Spec;
  options: BackgroundOptions & { effort: Effort };
  /** The program that answers meanwhile. */
  draft: Compiled;
  abort: AbortController;
}

/** Trains one spec after the other, the last edit first. */
export class Trainings {
  readonly #train: (training: Training) => Promise<void>;
  readonly #waiting: Training[] = [];
  #running: Training | undefined;
  /** Trainings that failed, which are not repeated. */
  readonly #failed = new Set<string>();

  /** @param train rejects where a training fails; it has reported why */
  constructor(train: (training: Training) => Promise<void>) {
    this.#train = train;
  }

  /** Those that run or wait; not those that were given up. */
  get all(): Training[] {
    const all = this.#running ? [this.#running, ...this.#waiting] : this.#waiting;
    return all.filter(({ abort }) => !abort.signal.aborted);
  }

  /**
   * Takes a training in the place of an older one of the same spec; false where this very one is there, was given up or
   * has failed.
   */
  add(training: Training): boolean {
    const known = this.all.some((other) => identity(other) === identity(training));
    if (known || training.abort.signal.aborted || this.#failed.has(identity(training))) return false;
    for (const { spec, abort } of this.all) if (spec.id === training.spec.id) abort.abort();
    this.#waiting.push(training);
    this.#next();
    return true;
  }

  #next(): void {
    if (this.#running) return;
    do this.#running = this.#waiting.pop();
    while (this.#running?.abort.signal.aborted);
    const training = this.#running;
    if (!training) return;
    const failed = () => void this.#failed.add(identity(training));
    void this.#train(training)
      .catch(failed)
      .then(() => {
        this.#running = undefined;
        this.#next();
      });
  }
}

function identity({ spec, options }: Training): string {
  return JSON.stringify([spec.id, spec.digest, options.effort]);
}
