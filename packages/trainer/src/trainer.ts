import { encodeModel } from "@unplugin-paw/graph";
import { type FloatWeights, type LlamaConfig, masked } from "@unplugin-paw/interpreter/model";
import type { Onnxruntime } from "@unplugin-paw/interpreter/session";
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { halfNames, type Trainable, type TrainingOptions, trainingGraph } from "./training-graph.ts";

/** A trainable tensor, or a gradient of one. */
export interface Parameter {
  shape: readonly number[];
  data: Float32Array;
}

export type Parameters = Partial<Record<Trainable, Parameter>>;

/** Examples that are run together; they are padded to the longest. */
export interface Batch {
  examples: readonly Example[];
  /** Of a trainer for closed labels: the tokens that targets are chosen from. */
  columns?: readonly number[];
}

/** Token ids after the prefix and the tokens that should follow some of them. */
export interface Example {
  ids: readonly number[];
  answers: readonly {
    /** Which of the ids the token follows. */
    place: number;
    /** What should follow: tokens of the vocabulary or places in `columns`; one, or several with a share each. */
    targets: readonly number[];
    /** Share of each target in the batch's loss. */
    weights: readonly number[];
    /** With columns: those that may follow. */
    allowed?: readonly number[];
  }[];
}

/**
 * Every product packs its own panels, so that a weight which both directions read is in memory once. onnxruntime's arena
 * keeps what a step gives back, which the kernel would have to hand out again, page by page; its plan of a shape's
 * memory is kept for every shape, and batches have many (docs/benchmarks.md).
 */
const sessionOptions: InferenceSession.SessionOptions = {
  graphOptimizationLevel: "all",
  enableMemPattern: false,
  extra: { session: { disable_prepacking: "1", intra_op: { allow_spinning: "0" } } },
};

/**
 * The interpreter's training graph, loaded.
 *
 * @example
 * const trainer = await Trainer.open(ort, interpreter.config, await readFloatWeights(interpreter), { choice: "vocabulary" });
 * const { loss, gradients } = await trainer.step({ examples }, { keys, values });
 */
export class Trainer {
  private readonly ort: Onnxruntime;
  private readonly session: InferenceSession;
  private readonly frozen: Record<string, Tensor>;
  private readonly trainables: readonly Trainable[];

  private constructor(
    ort: Onnxruntime,
    session: InferenceSession,
    frozen: Record<string, Tensor>,
    trainables: readonly Trainable[],
  ) {
    this.ort = ort;
    this.session = session;
    this.frozen = frozen;
    this.trainables = trainables;
  }

  /**
   * Builds and loads the graph, in about a second.
   *
   * @param weights of `readFloatWeights`; shared by trainers, never copied
   */
  static async open(
    ort: Onnxruntime,
    config: LlamaConfig,
    weights: FloatWeights,
    { choice, trainables = ["keys", "values"] }: Omit<TrainingOptions, "has">,
  ): Promise<Trainer> {
    const graph = trainingGraph(config, { choice, trainables, has: (name) => weights.has(name) });
    const session = await ort.InferenceSession.create(encodeModel(graph).model, sessionOptions);
    const wanted = new Set(session.inputNames);
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, shape }] of weights) {
      if (wanted.has(name)) feeds[name] = new ort.Tensor("float32", data, [...shape]);
      const halves = [data.subarray(0, data.length / 2), data.subarray(data.length / 2)];
      for (const [i, half] of halfNames(name).entries()) {
        if (!wanted.has(half)) continue;
        const [rows, columns] = shape as [number, number];
        feeds[half] = new ort.Tensor("float32", halves[i] as Float32Array, [rows / 2, columns]);
      }
    }
    return new Trainer(ort, session, feeds, trainables);
  }

  /**
   * Loss of a batch after a prefix, and its gradient with respect to each trainable.
   *
   * @param parameters all trainables, and keys and values in any case
   * @param first position of the first token: the prefix's length, unless keys and values are a part of it
   */
  async step(
    batch: Batch,
    parameters: Parameters,
    first: number = prefixTokens(parameters),
  ): Promise<{ loss: number; gradients: Parameters }> {
    const names = this.trainables.map((name) => `d ${name}`);
    const outputs = await this.session.run(this.feeds(batch, parameters, first), ["loss", ...names]);
    const gradients: Parameters = {};
    for (const [i, name] of this.trainables.entries()) {
      const { data, dims } = outputs[names[i] as string] as Tensor;
      gradients[name] = { shape: dims, data: data as Float32Array };
    }
    return { loss: Number((outputs.loss as Tensor).data[0]), gradients };
  }

  /** Scores of every answer of a batch, in their order: `[answers][vocabulary or columns]`. */
  async logits(batch: Batch, parameters: Parameters): Promise<Float32Array[]> {
    const { logits } = await this.session.run(this.feeds(batch, parameters, prefixTokens(parameters)), ["logits"]);
    const { data, dims } = logits as Tensor;
    const width = dims[1] as number;
    return Array.from({ length: dims[0] as number }, (_, i) =>
      (data as Float32Array).subarray(i * width, (i + 1) * width),
    );
  }

  /** Frees the graph's memory; the frozen weights are the caller's. */
  async release(): Promise<void> {
    await this.session.release();
  }

  private feeds({ examples, columns }: Batch, parameters: Parameters, first: number): Record<string, Tensor> {
    const { Tensor } = this.ort;
    const float = (data: Float32Array, ...shape: number[]) => new Tensor("float32", data, shape);
    const int64 = (numbers: readonly number[], ...shape: number[]) =>
      new Tensor("int64", BigInt64Array.from(numbers, BigInt), shape);
    const tokens = Math.max(...examples.map(({ ids }) => ids.length));
    const ids = examples.flatMap((example) => [...example.ids, ...new Array(tokens - example.ids.length).fill(0)]);
    const answers = examples.flatMap((example, i) =>
      example.answers.map((answer) => ({ ...answer, row: i * tokens + answer.place })),
    );
    const choices = Math.max(...answers.map(({ targets }) => targets.length));
    const padded = (numbers: readonly number[]) => [...numbers, ...new Array(choices - numbers.length).fill(0)];
    const mask = Float32Array.from({ length: tokens * tokens }, (_, i) =>
      i % tokens > Math.floor(i / tokens) ? masked : 0,
    );
    const feeds: Record<string, Tensor> = {
      ...this.frozen,
      ids: int64(ids, examples.length, tokens),
      mask: float(mask, tokens, tokens),
      first: int64([first], 1),
      rows: int64(
        answers.map(({ row }) => row),
        answers.length,
      ),
      targets: int64(
        answers.flatMap(({ targets }) => padded(targets)),
        answers.length,
        choices,
      ),
      weights: float(Float32Array.from(answers.flatMap(({ weights }) => padded(weights))), answers.length, choices),
    };
    if (columns) {
      feeds.columns = int64(columns, columns.length);
      const allowed = new Float32Array(answers.length * columns.length).fill(masked);
      for (const [row, answer] of answers.entries()) {
        for (const column of answer.allowed ?? columns.keys()) allowed[row * columns.length + column] = 0;
      }
      feeds.allowed = float(allowed, answers.length, columns.length);
    }
    for (const [name, { data, shape }] of Object.entries(parameters)) feeds[name] = float(data, ...shape);
    return feeds;
  }
}

const prefixTokens = ({ keys }: Parameters): number => keys?.shape[2] ?? 0;
