import type { Parameter } from "./trainer.ts";

export interface AdamOptions {
  /** Largest step of a number, as a factor of its normalised gradient. */
  learningRate: number;
  /** All steps that will be made: the rate rises over the first tenth and falls to zero by a cosine. */
  steps: number;
  /** Times the rate, the share of the way back to its start that a number goes at each step. Default 0. */
  decay?: number;
}

const beta1 = 0.9;
/** Runs are short: an average over a thousand steps (0.999) would never come to know the gradients. */
const beta2 = 0.99;
const epsilon = 1e-8;
/** Longest gradient over all numbers (Euclidean); a longer one is shortened. */
const maxNorm = 1;

/**
 * Adam (https://arxiv.org/abs/1412.6980) with warm-up, cosine decay, clipping, and decay towards the start. Changes the
 * numbers in place.
 */
export class Adam {
  private readonly parameters: readonly Parameter[];
  private readonly options: AdamOptions;
  private readonly starts: Float32Array[];
  private readonly means: Float32Array[];
  private readonly squares: Float32Array[];
  private done = 0;

  constructor(parameters: readonly Parameter[], options: AdamOptions) {
    this.parameters = parameters;
    this.options = options;
    this.starts = parameters.map(({ data }) => data.slice());
    this.means = parameters.map(({ data }) => new Float32Array(data.length));
    this.squares = parameters.map(({ data }) => new Float32Array(data.length));
  }

  /** One step against the gradients, which stand in the parameters' order. */
  step(gradients: readonly Parameter[]): void {
    this.done++;
    const rate = this.options.learningRate * schedule(this.done, this.options.steps);
    const decay = rate * (this.options.decay ?? 0);
    let square = 0;
    for (const { data } of gradients) for (const value of data) square += value * value;
    const scale = Math.min(1, maxNorm / Math.sqrt(square || 1));
    // Both averages start at zero; this takes the bias away.
    const meanFactor = 1 / (1 - beta1 ** this.done);
    const squareFactor = 1 / (1 - beta2 ** this.done);
    for (const [p, { data }] of this.parameters.entries()) {
      const gradient = (gradients[p] as Parameter).data;
      const [start, mean, squares] = [this.starts[p], this.means[p], this.squares[p]] as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (let i = 0; i < data.length; i++) {
        const g = (gradient[i] as number) * scale;
        const m = beta1 * (mean[i] as number) + (1 - beta1) * g;
        const v = beta2 * (squares[i] as number) + (1 - beta2) * g * g;
        mean[i] = m;
        squares[i] = v;
        const value = data[i] as number;
        const step = (rate * m * meanFactor) / (Math.sqrt(v * squareFactor) + epsilon);
        data[i] = value - step - decay * (value - (start[i] as number));
      }
    }
  }
}

/** The rate at step 1, 2, ... of `steps`, as a share of the highest. */
function schedule(step: number, steps: number): number {
  const warmUp = Math.max(1, Math.round(steps / 10));
  if (step <= warmUp) return step / warmUp;
  return (1 + Math.cos((Math.PI * (step - warmUp)) / (steps - warmUp + 1))) / 2;
}
