import type { Random } from "./random.ts";

/** What a case of a kind gets. */
export interface Case {
  random: Random;
  /** A folder of its own, empty. */
  folder: string;
}

/**
 * One kind of hostile input. A case is as it should be when it ends in time with a value or with an error that this
 * project makes on purpose; what else must hold is asserted in `run`, by throwing.
 */
export interface Kind {
  name: string;
  /** What is hostile about it, for the table. */
  what: string;
  /** Cases of a whole run. */
  count: number;
  /** Milliseconds of a case, where the product itself waits longer than ten seconds before it gives up. */
  limit?: number;
  run(given: Case): Promise<unknown> | unknown;
}
