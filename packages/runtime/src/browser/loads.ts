import type { LoadProgress } from "../types.ts";

/** What a load is told, and what its callers are. */
export interface LoadContext {
  signal: AbortSignal;
  onProgress: (progress: LoadProgress) => void;
}

interface Load<T> {
  result: Promise<T>;
  abort: AbortController;
  waiting: Set<LoadContext["onProgress"]>;
}

/**
 * Things that are loaded once, by key, however many ask for them: all who wait hear of the progress, and when the last of them has gone
 * the load is cancelled. One that failed is begun anew by whoever asks next.
 */
export class Loads<T> {
  private readonly loads = new Map<string, Load<T>>();

  async get(key: string, begin: (context: LoadContext) => Promise<T>, context: LoadContext): Promise<T> {
    const { signal, onProgress } = context;
    signal.throwIfAborted();
    const load = this.loads.get(key) ?? this.begin(key, begin);
    load.waiting.add(onProgress);
    const gone = () => {
      load.waiting.delete(onProgress);
      if (load.waiting.size > 0) return;
      // Whoever asks from now on must not get a load that is being cancelled.
      this.forget(key, load);
      load.abort.abort(signal.reason);
    };
    signal.addEventListener("abort", gone, { once: true });
    try {
      return await load.result;
    } finally {
      signal.removeEventListener("abort", gone);
      load.waiting.delete(onProgress);
    }
  }

  private begin(key: string, begin: (context: LoadContext) => Promise<T>): Load<T> {
    const abort = new AbortController();
    const waiting: Load<T>["waiting"] = new Set();
    const onProgress = (progress: LoadProgress) => {
      for (const tell of waiting) tell(progress);
    };
    const load = { result: begin({ signal: abort.signal, onProgress }), abort, waiting };
    load.result.catch(() => this.forget(key, load));
    this.loads.set(key, load);
    return load;
  }

  private forget(key: string, load: Load<T>): void {
    if (this.loads.get(key) === load) this.loads.delete(key);
  }
}
