import type { Answer } from "../answer.ts";
import type { LoadProgress } from "../types.ts";
import type { InterpreterAssets } from "./assets.ts";
import type { WireError } from "./wire.ts";

/** What the worker needs to find a program and what runs it. All URLs are absolute: the worker lies elsewhere than the page. */
export interface ProgramSource {
  weights: string;
  interpreter: InterpreterAssets;
}

/** What the page asks of the worker. */
export type Work =
  | { kind: "load"; program: ProgramSource }
  | { kind: "answer"; program: ProgramSource; inputs: unknown[] };

/** From the page; `id` is the work's. */
export type Request = { id: number } & (Work | { kind: "abort" });

/** An answer on its way to the page: errors are plain data. */
export type WireAnswer = Exclude<Answer, { error: Error }> | { error: WireError };

/** From the worker. `ready` is the first; each work ends with `done` or `failed`. */
export type Reply =
  | { kind: "ready" }
  | { kind: "progress"; id: number; progress: LoadProgress }
  | { kind: "done"; id: number; answers: WireAnswer[] }
  | { kind: "failed"; id: number; error: WireError };
