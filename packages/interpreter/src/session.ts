import type { LlamaConfig } from "./config.ts";
import { LoadedModel, type Onnxruntime, type SessionOptions } from "./loaded-model.ts";
import { chain, type KeyValues, Sequence } from "./sequence.ts";

export type { Onnxruntime, SessionOptions } from "./loaded-model.ts";
export { type AppendOptions, chain, type KeyValues, type Sequence, type TreeToken } from "./sequence.ts";

/**
 * The interpreter, loaded, with one sequence of tokens over it. Whoever wants to run tokens has the sequence for as
 * long as its work takes, alone: {@link Session.use} is the only way to it.
 *
 * @example
 * const session = await Session.open(ort, interpreter.model, interpreter.config);
 * const [logits] = await session.use(async (sequence) => {
 *   sequence.begin(program.prefix);
 *   return await sequence.append(chain(ids), [ids.length - 1]);
 * });
 */
export class Session {
  readonly config: LlamaConfig;
  readonly #model: LoadedModel;
  readonly #copies: boolean;
  readonly #sequence: Sequence;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(model: LoadedModel, config: LlamaConfig, copies: boolean) {
    this.#model = model;
    this.config = config;
    this.#copies = copies;
    this.#sequence = new Sequence(model, config, copies);
  }

  /** Loads the run graph from a path (Node) or its bytes. */
  static async open(
    ort: Onnxruntime,
    model: string | Uint8Array,
    config: LlamaConfig,
    options: SessionOptions = {},
  ): Promise<Session> {
    return new Session(await LoadedModel.open(ort, model, options), config, options.copies ?? false);
  }

  /**
   * Runs `work` with the sequence, when all work that was given before it is done. The sequence is as the work before
   * left it; most work starts with {@link Sequence.begin}. Work that calls `use` of the same session waits for itself,
   * for ever.
   */
  use<T>(work: (sequence: Sequence) => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => work(this.#sequence));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Keys and values of tokens and of the prefix before them, where there is one: a prefix that stands for both. */
  async prefill(tokens: readonly number[], prefix?: KeyValues): Promise<KeyValues> {
    return await this.use(async (sequence) => {
      sequence.begin(prefix);
      await sequence.append(chain(tokens), []);
      return sequence.snapshot(tokens.length);
    });
  }

  /**
   * Another sequence over the same model, with a cache of its own: what runs in one can wait while the other goes on.
   */
  fork(): Session {
    return new Session(this.#model, this.config, this.#copies);
  }

  /** Frees the model's memory, also for all that was forked. */
  async release(): Promise<void> {
    await this.#model.release();
  }
}
