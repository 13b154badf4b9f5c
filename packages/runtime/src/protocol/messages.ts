import type { LoadProgress } from "../api.ts";
import type { Found } from "../decode/answer.ts";
import type { WireError } from "./wire.ts";

/** What the worker is asked for. A `Source` says where a program is, and what runs it; each platform has its own. */
export type Work<Source> =
  | { kind: "load"; program: Source }
  /** `parts`: tell of the parts of the one answer in text. */
  | { kind: "answer"; program: Source; inputs: unknown[]; parts?: boolean };

/** To the worker; `id` is the work's. `forget`: nobody has the program of this key any more. */
export type Request<Source> = ({ id: number } & (Work<Source> | { kind: "abort" })) | { kind: "forget"; key: string };

/** An answer on its way: errors are plain data. */
export type WireAnswer = Found | { error: WireError };

/** From the worker. `ready` is the first; each work ends with `done` or `failed`. */
export type Reply =
  | { kind: "ready" }
  | { kind: "progress"; id: number; progress: LoadProgress }
  | { kind: "part"; id: number; part: string }
  | { kind: "done"; id: number; answers: WireAnswer[] }
  | { kind: "failed"; id: number; error: WireError };
