/** What a load is told. */
export interface LoadContext<Progress> {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

interface Load<T, Progress> {
  result: Promise<T>;
  abort: AbortController;
  /** One for each caller that waits. */
  waiting: Set<(progress: Progress) => void>;
}

/**
 * Things that are loaded (or made) once, by key, however many ask for them. All who wait hear of the progress; who
 * goes, by their own signal, goes alone, and when the last of them has gone the load is cancelled. One that failed is
 * begun anew by whoever asks next.
 *
 * @example
 * const models = new Loads<Model, number>();
 * const model = await models.get("small", ({ signal, onProgress }) => fetchModel({ signal, onProgress }), { signal });
 */
export class Loads<T, Progress> {
  private readonly loads = new Map<string, Load<T, Progress>>();
  private readonly keep: boolean;

  /** @param options.keep whether what was loaded is given to those who ask later, too. Default true. */
  constructor({ keep = true }: { keep?: boolean } = {}) {
    this.keep = keep;
  }

  /**
   * @param begin is called where nobody has asked for this key; its signal fires when nobody waits any more
   * @throws the caller's own signal's reason, and whatever the load fails with. The last to go waits until the load has
   *   ended, so that nothing of it (a lock, a half-written file) outlives the call.
   */
  async get(
    key: string,
    begin: (context: LoadContext<Progress>) => Promise<T>,
    { signal, onProgress }: Partial<LoadContext<Progress>> = {},
  ): Promise<T> {
    signal?.throwIfAborted();
    // A function of its own: the same one may wait twice.
    const tell = (progress: Progress) => onProgress?.(progress);
    const load = this.loads.get(key) ?? this.begin(key, begin, tell);
    load.waiting.add(tell);
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => {
        load.waiting.delete(tell);
        if (load.waiting.size > 0) return reject(signal?.reason);
        // Whoever asks from now on must not get a load that is being cancelled.
        this.forget(key, load);
        load.abort.abort(signal?.reason);
      };
    });
    signal?.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([load.result, left]);
    } finally {
      signal?.removeEventListener("abort", leave);
      load.waiting.delete(tell);
    }
  }

  /** Forgets what was loaded under a key; a load under way goes on for those who wait for it. */
  delete(key: string): void {
    this.loads.delete(key);
  }

  /** @param first who asks: told from the start, as some things (a damaged entry) are said at once */
  private begin(
    key: string,
    begin: (context: LoadContext<Progress>) => Promise<T>,
    first: (progress: Progress) => void,
  ): Load<T, Progress> {
    const abort = new AbortController();
    const waiting = new Set([first]);
    const onProgress = (progress: Progress) => {
      for (const tell of waiting) tell(progress);
    };
    const load = { result: begin({ signal: abort.signal, onProgress }), abort, waiting };
    this.loads.set(key, load);
    load.result.then(
      () => this.keep || this.forget(key, load),
      () => this.forget(key, load),
    );
    return load;
  }

  private forget(key: string, load: Load<T, Progress>): void {
    if (this.loads.get(key) === load) this.loads.delete(key);
  }
}
