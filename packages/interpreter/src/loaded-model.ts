import type { InferenceSession, InferenceSessionFactory, Tensor, TensorConstructor } from "onnxruntime-common";

/** The part of onnxruntime that a session uses: `onnxruntime-node` or `onnxruntime-web`. */
export interface Onnxruntime {
  InferenceSession: InferenceSessionFactory;
  Tensor: TensorConstructor;
}

export interface SessionOptions {
  /** Threads that compute; default: onnxruntime's, one for each core. */
  threads?: number;
  /**
   * The weights' file, where there is no file system or others are meant than the file has: the graph's name for it, and
   * its bytes, of which the session keeps a copy.
   */
  weights?: { path: string; data: Uint8Array };
  /**
   * onnxruntime-web copies every tensor into its own memory and out of it again. Then past and present cannot be the
   * same memory, and a cache with room to spare costs time: each run's present, exactly as long as it has to be, is the
   * next one's past.
   */
  copies?: boolean;
}

/**
 * Threads that wait by spinning win 1 ms a pass on an idle machine and lose half the speed on a busy one: a server's
 * other work, or a second process with a model.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  graphOptimizationLevel: "all",
  // A graph that unpacks weights does so once, when it is loaded, and not in every run.
  extra: { session: { disable_quant_qdq: "1", intra_op: { allow_spinning: "0" } } },
};

/**
 * The graph and its weights, which several sequences share: onnxruntime runs for one at a time, in the order in which
 * they ask.
 */
export class LoadedModel {
  readonly ort: Onnxruntime;
  private readonly session: InferenceSession;
  private tail: Promise<unknown> = Promise.resolve();

  private constructor(ort: Onnxruntime, session: InferenceSession) {
    this.ort = ort;
    this.session = session;
  }

  /** Loads a graph from a path (Node) or its bytes. */
  static async open(
    ort: Onnxruntime,
    model: string | Uint8Array,
    { threads, weights }: SessionOptions,
  ): Promise<LoadedModel> {
    const session = await ort.InferenceSession.create(model as string, {
      ...sessionOptions,
      ...(threads !== undefined && { intraOpNumThreads: threads }),
      ...(weights && { externalData: [weights] }),
    });
    return new LoadedModel(ort, session);
  }

  run(feeds: Record<string, Tensor>, fetches: Record<string, Tensor | null>): Promise<InferenceSession.ReturnType> {
    const result = this.tail.then(() => this.session.run(feeds, fetches));
    this.tail = result.catch(() => {});
    return result;
  }

  async release(): Promise<void> {
    await this.tail;
    await this.session.release();
  }
}
