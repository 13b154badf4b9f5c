import { TeacherError } from "./errors.ts";
import type { Completion, Prompt } from "./model.ts";

/** What a teacher may cost, at most. */
export interface Limits {
  /** Requests, those that are sent again included. Default 200. */
  calls?: number;
  /** Tokens, of questions and answers. Default 300,000. */
  tokens?: number;
  /** Money, in the currency of `price`. Default: none. */
  cost?: number;
}

/** Of a million tokens. */
export interface Price {
  input: number;
  output: number;
}

/** What was used so far. */
export interface Usage {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** With a price. */
  cost?: number;
}

/** A cautious guess: languages with few characters a token are rare, and a cap is a cap. */
const charactersPerToken = 2.5;

/** Counts what a teacher uses, and stops before a cap would be passed. */
export class Budget {
  readonly #limits: Required<Limits>;
  readonly #price: Price | undefined;
  readonly #used = { calls: 0, inputTokens: 0, outputTokens: 0 };

  constructor({ calls = 200, tokens = 300_000, cost = Number.POSITIVE_INFINITY }: Limits = {}, price?: Price) {
    this.#limits = { calls, tokens, cost };
    this.#price = price;
    if (cost < Number.POSITIVE_INFINITY && !price) {
      const hint = "Add teacherPrice: { input, output }, the price of a million tokens.";
      throw new TeacherError("OPTION", "A cap on money needs a price.", hint);
    }
  }

  get used(): Usage {
    return { ...this.#used, ...(this.#price && { cost: costOf(this.#used, this.#price) }) };
  }

  /**
   * Counts a request that is about to be sent.
   *
   * @throws {TeacherError} `LIMIT`: it might pass a cap
   */
  request({ system, user, maxTokens }: Prompt): void {
    const input = Math.ceil((system.length + user.length) / charactersPerToken);
    const after = { inputTokens: this.#used.inputTokens + input, outputTokens: this.#used.outputTokens + maxTokens };
    const { calls, tokens, cost } = this.#limits;
    if (this.#used.calls + 1 > calls) throw reached(`${calls} calls`);
    if (after.inputTokens + after.outputTokens > tokens) throw reached(`${tokens.toLocaleString("en")} tokens`);
    if (this.#price && costOf(after, this.#price) > cost) throw reached(`a cost of ${cost}`);
    this.#used.calls++;
  }

  answered({ tokens: { input, output } }: Completion): void {
    this.#used.inputTokens += input;
    this.#used.outputTokens += output;
  }
}

/** `31 calls, 12,345 tokens, cost 0.020`. */
export function describeUsage({ calls, inputTokens, outputTokens, cost }: Usage): string {
  const spent = cost === undefined ? "" : `, cost ${cost.toFixed(3)}`;
  return `${calls} calls, ${(inputTokens + outputTokens).toLocaleString("en")} tokens${spent}`;
}

/**
 * Pairs that a round of eight inputs brings, calls that it takes, and tokens of a call, all guessed from rounds of a
 * local model.
 */
const ROUND = { pairs: 6, calls: 4.3, inputTokens: 500, outputTokens: 200 };

/** Answers that a round asks for again, of those that it asks for: the rest agree at once. */
const AGAIN = 0.3;

/**
 * What so many pairs will take, roughly: to be shown before anything is spent.
 *
 * @param alone inputs of a round that are answered each by a call of its own; default: none
 */
export function estimateUsage(pairs: number, price?: Price, alone = 0): Usage {
  const rounds = pairs / ROUND.pairs;
  const calls = pairs > 0 ? Math.ceil(rounds * (ROUND.calls + alone * (1 + AGAIN))) + 1 : 0;
  const used = { inputTokens: calls * ROUND.inputTokens, outputTokens: calls * ROUND.outputTokens };
  return { calls, ...used, ...(price && { cost: costOf(used, price) }) };
}

/** What so many tokens cost. */
export function costOf({ inputTokens, outputTokens }: Omit<Usage, "calls" | "cost">, { input, output }: Price): number {
  return (inputTokens * input + outputTokens * output) / 1e6;
}

function reached(what: string): TeacherError {
  const hint = "Raise the cap, or ask for fewer pairs; what was written is in the record.";
  return new TeacherError("LIMIT", `The teacher's cap of ${what} is reached.`, hint);
}
