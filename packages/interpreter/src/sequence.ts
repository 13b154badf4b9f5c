import type { Tensor } from "onnxruntime-common";
import { cacheNames } from "./cache-names.ts";
import type { LlamaConfig } from "./config.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { masked } from "./mask.ts";

/**
 * Keys and values of a run of tokens, row-major `[layers, kvHeads, tokens, headSize]`; keys after the rotary embedding.
 */
export interface KeyValues {
  layers: number;
  /** Key-value heads. */
  heads: number;
  headSize: number;
  tokens: number;
  keys: Float32Array;
  values: Float32Array;
}

/** A token to run: it sees the prefix, its ancestors and itself. */
export interface TreeToken {
  id: number;
  /**
   * Number of the token before it, counted in the order of appending since the prefix; -1 = right behind the prefix.
   */
  parent: number;
}

export interface AppendOptions {
  /** Most tokens of one run of the graph; others have their turn between two runs. Default: {@link runTokens}. */
  run?: number | undefined;
  /** Waited for between two runs; what it throws ends the work. */
  pause?: (() => Promise<void> | void) | undefined;
}

/**
 * The cache's length is a multiple of this, tokens: it is made anew for a longer input, and not for each that is a
 * little longer.
 */
const capacityStep = 64;
/** Most tokens of one run: the mask is tokens x total, 16 MB at the longest context. */
const runTokens = 512;

/**
 * One sequence of a model: a prefix in the cache and a *tree* of tokens behind it. A tree is what lets one forward pass
 * serve everything that is asked of the model: a text is a chain, a batch of inputs is many chains from one root, a set
 * of labels is a trie below the input. The prefix is written to the cache once and never copied again. {@link
 * Session.use} is the only way to one.
 */
export class Sequence {
  readonly config: LlamaConfig;
  private readonly model: LoadedModel;
  private readonly copies: boolean;
  /**
   * Tokens that the cache has room for. Each run of onnxruntime-node copies all of the cache once, so room to spare
   * costs time.
   */
  private capacity = 0;
  /**
   * Keys and values in turn, layer by layer: `[1, kvHeads, capacity, headSize]`. Fed as past and, unless `copies`, as
   * present: the same memory.
   */
  private cache: Float32Array[] = [];
  private feeds: Record<string, Tensor> = {};
  private fetches: Record<string, Tensor | null> = {};
  private prefix: KeyValues | undefined;
  private prefixTokens = 0;
  /** Of each token behind the prefix: its parent, and how many tokens stand before it on its path. */
  private readonly parents: number[] = [];
  private readonly depths: number[] = [];

  /** @param copies as in {@link SessionOptions} */
  constructor(model: LoadedModel, config: LlamaConfig, copies: boolean) {
    this.model = model;
    this.config = config;
    this.copies = copies;
    this.grow(1);
  }

  /** Number of tokens behind the prefix. */
  get length(): number {
    return this.parents.length;
  }

  /** How many more tokens fit behind the prefix. */
  get room(): number {
    return this.config.contextLength - this.prefixTokens - this.length;
  }

  /**
   * Puts a prefix into the cache and forgets all tokens. Costs nothing where the same prefix is there already (and no
   * `copies`), in a cache of the right length: one that a long input has left is cut.
   *
   * @param expected how many tokens will be appended; more may come, for the price of a longer cache
   * @throws {RangeError} it is of another model: rows that it lacks would be those of the prefix before it
   */
  begin(prefix?: KeyValues, expected = 0): void {
    if (prefix) this.check(prefix);
    this.truncate(0);
    const tokens = (prefix?.tokens ?? 0) + expected;
    const fits = this.capacity >= tokens && this.capacity <= 1.5 * tokens + 2 * capacityStep;
    if (prefix === this.prefix && fits && !this.copies) return;
    this.prefix = undefined;
    this.prefixTokens = prefix?.tokens ?? 0;
    if (!fits || this.copies) this.empty();
    this.grow(Math.max(this.copies ? this.prefixTokens : tokens, 1));
    if (prefix) this.copyRows(prefix, (cached, rows) => cached.set(rows));
    this.prefix = prefix;
  }

  private check(prefix: KeyValues): void {
    const { layers, kvHeads, headSize, contextLength } = this.config;
    const { keys, values, tokens } = prefix;
    const size = layers * kvHeads * tokens * headSize;
    const sizes = prefix.layers === layers && prefix.heads === kvHeads && prefix.headSize === headSize;
    if (sizes && tokens > 0 && tokens < contextLength && keys.length === size && values.length === size) return;
    const found = `[${prefix.layers}, ${prefix.heads}, ${tokens}, ${prefix.headSize}]`;
    throw new RangeError(
      `a prefix of ${found} is none of this model, which has [${layers}, ${kvHeads}, up to ${contextLength - 1}, ${headSize}]`,
    );
  }

  /** Forgets all tokens but the first `length` behind the prefix. */
  truncate(length: number): void {
    this.parents.length = Math.min(this.parents.length, length);
    this.depths.length = this.parents.length;
  }

  /**
   * Runs new tokens.
   *
   * @param wanted which of them (by place in `tokens`) logits are wanted of; repeated places are allowed
   * @returns one float32 `[vocabulary]` for each wanted token
   * @throws {RangeError} more tokens than the context holds
   * @throws what `pause` throws
   */
  async append(
    tokens: readonly TreeToken[],
    wanted: readonly number[],
    { run = runTokens, pause }: AppendOptions = {},
  ): Promise<Float32Array[]> {
    if (tokens.length > this.room)
      throw new RangeError(`${tokens.length} tokens do not fit: there is room for ${this.room}`);
    if (!this.copies) this.grow(this.prefixTokens + this.length + tokens.length);
    const logits = new Array<Float32Array>(wanted.length);
    // With an empty cache, GroupQueryAttention numbers positions itself, which suits a chain only: then one token goes
    // ahead.
    const ahead = this.prefixTokens + this.length === 0 && tokens.some(({ parent }, i) => parent !== i - 1);
    for (let from = 0, count: number; from < tokens.length; from += count) {
      count = ahead && from === 0 ? 1 : run;
      if (from > 0) await pause?.();
      const part = tokens.slice(from, from + count);
      const places = [...wanted.keys()].filter((i) => {
        const token = wanted[i] as number;
        return token >= from && token < from + part.length;
      });
      const rows = await this.run(
        part,
        places.map((i) => (wanted[i] as number) - from),
      );
      for (const [row, place] of places.entries()) logits[place] = rows[row] as Float32Array;
    }
    return logits;
  }

  /** One run of the graph. */
  private async run(tokens: readonly TreeToken[], wanted: readonly number[]): Promise<Float32Array[]> {
    const start = this.length;
    const count = tokens.length;
    const total = this.prefixTokens + start + count;
    for (const { parent } of tokens) {
      this.depths.push(parent < 0 ? 0 : (this.depths[parent] as number) + 1);
      this.parents.push(parent);
    }
    const { Tensor } = this.model.ort;
    const int64 = (numbers: readonly number[], shape: number[]) =>
      new Tensor("int64", BigInt64Array.from(numbers, BigInt), shape);
    const ids = tokens.map(({ id }) => id);
    const positions = tokens.map((_, i) => this.prefixTokens + (this.depths[start + i] as number));
    const feeds = {
      ...this.feeds,
      input_ids: int64(ids, [1, count]),
      position_ids: int64(positions, [1, count]),
      attention_bias: new Tensor("float32", this.attentionBias(start, count), [1, 1, count, total]),
      seqlens_k: new Tensor("int32", Int32Array.of(total - 1), [1]),
      total_sequence_length: new Tensor("int32", Int32Array.of(total), [1]),
      rows: int64(wanted, [wanted.length]),
    };
    const { logits, ...presents } = await this.model.run(feeds, this.fetches);
    if (this.copies) this.keep(presents);
    const { vocabulary } = this.config;
    const data = (logits as Tensor).data as Float32Array;
    return wanted.map((_, i) => data.subarray(i * vocabulary, (i + 1) * vocabulary));
  }

  /** Makes what a run gave as present the past of the next one. */
  private keep(presents: Readonly<Record<string, Tensor>>): void {
    for (let layer = 0; layer < this.config.layers; layer++) {
      const { past, present } = cacheNames(layer);
      for (const which of [0, 1] as const) {
        const tensor = presents[present[which]] as Tensor;
        this.capacity = tensor.dims[2] as number;
        this.cache[2 * layer + which] = tensor.data as Float32Array;
        this.feeds[past[which]] = tensor;
      }
    }
  }

  /**
   * A copy of the prefix's keys and values, followed by those of the first `length` tokens, which have to be one chain.
   */
  snapshot(length: number): KeyValues {
    const { layers, kvHeads, headSize } = this.config;
    const tokens = this.prefixTokens + length;
    const size = layers * kvHeads * tokens * headSize;
    const keys = new Float32Array(size);
    const copy = { layers, heads: kvHeads, headSize, tokens, keys, values: new Float32Array(size) };
    this.copyRows(copy, (cached, rows) => rows.set(cached));
    return copy;
  }

  /**
   * What the last `layers` layers keep as values of an input, averaged over its tokens, of which the last, where the
   * answer begins, counts for as much as all together: `[layers, kvHeads, headSize]`, flat. The cache has them anyway,
   * so this is only read.
   *
   * @param from the first token, counted from the prefix
   */
  inputValues(from: number, count: number, layers: number): Float32Array {
    const { kvHeads, headSize } = this.config;
    const last = (count - 1) * headSize;
    const mean = new Float32Array(layers * kvHeads * headSize);
    for (let row = 0; row < layers * kvHeads; row++) {
      const layer = this.config.layers - layers + Math.floor(row / kvHeads);
      const values = this.cache[2 * layer + 1] as Float32Array;
      const start = ((row % kvHeads) * this.capacity + this.prefixTokens + from) * headSize;
      for (let i = 0; i < count * headSize; i++) {
        const at = row * headSize + (i % headSize);
        const share = (1 / count + Number(i >= last)) / 2;
        mean[at] = (mean[at] as number) + (values[start + i] as number) * share;
      }
    }
    return mean;
  }

  /** Calls `move` with the cache's and the copy's rows of each layer and head, `[tokens, headSize]`. */
  private copyRows(
    { tokens, keys, values }: KeyValues,
    move: (cached: Float32Array, rows: Float32Array) => void,
  ): void {
    const { layers, kvHeads, headSize } = this.config;
    for (let layer = 0; layer < layers; layer++) {
      [keys, values].forEach((rows, which) => {
        const cached = this.cache[2 * layer + which] as Float32Array;
        for (let head = 0; head < kvHeads; head++) {
          const from = (layer * kvHeads + head) * tokens * headSize;
          const to = head * this.capacity * headSize;
          move(cached.subarray(to, to + tokens * headSize), rows.subarray(from, from + tokens * headSize));
        }
      });
    }
  }

  /**
   * `[tokens, total]`: 0 where a new token sees, `masked` where it does not. The graph's own causal mask hides what comes later, so
   * a chain needs zeros only.
   */
  private attentionBias(start: number, count: number): Float32Array {
    const total = this.prefixTokens + start + count;
    const bias = new Float32Array(count * total);
    if (this.parents.every((parent, i) => parent === i - 1)) return bias;
    for (let i = 0; i < count; i++) {
      const row = bias.subarray(i * total, (i + 1) * total);
      row.fill(masked, this.prefixTokens, this.prefixTokens + start + i + 1);
      for (let token = start + i; token >= 0; token = this.parents[token] as number) row[this.prefixTokens + token] = 0;
    }
    return bias;
  }

  private empty(): void {
    this.capacity = 0;
    this.cache = [];
  }

  /** Makes the cache hold `tokens` at least, keeping what it has. */
  private grow(tokens: number): void {
    if (tokens <= this.capacity) return;
    const { layers, kvHeads, headSize, contextLength } = this.config;
    const before = this.capacity;
    // A cache that grows token by token is made anew often enough: by a half each time.
    const wanted = this.copies ? tokens : Math.max(tokens, 1.5 * before);
    const step = this.copies ? 1 : capacityStep;
    this.capacity = Math.min(Math.ceil(wanted / step) * step, contextLength);
    this.fetches = { logits: null };
    for (let layer = 0; layer < layers; layer++) {
      const { past, present } = cacheNames(layer);
      for (const which of [0, 1] as const) {
        const old = this.cache[2 * layer + which];
        const grown = new Float32Array(kvHeads * this.capacity * headSize);
        for (let head = 0; old && head < kvHeads; head++) {
          grown.set(
            old.subarray(head * before * headSize, (head + 1) * before * headSize),
            head * this.capacity * headSize,
          );
        }
        this.cache[2 * layer + which] = grown;
        const tensor = new this.model.ort.Tensor("float32", grown, [1, kvHeads, this.capacity, headSize]);
        this.feeds[past[which]] = tensor;
        this.fetches[present[which]] = this.copies ? null : tensor;
      }
    }
  }
}

/**
 * Tokens one behind the other, the first behind token number `after` (-1: behind the prefix), the next numbered from
 * `length`.
 */
export function chain(ids: readonly number[], after = -1, length: number = after + 1): TreeToken[] {
  return ids.map((id, i) => ({ id, parent: i === 0 ? after : length + i - 1 }));
}
