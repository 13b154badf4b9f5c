import type { Interpreter } from "@unplugin-paw/interpreter";
import type { Session } from "@unplugin-paw/interpreter/session";
import type { Program } from "@unplugin-paw/program";

/** How an interpreter writes texts in tokens. */
export type Vocabulary = Pick<Interpreter, "tokenizer" | "chat">;

/** The interpreter, loaded. One serves all programs of a process. */
export interface Engine {
  interpreter: Pick<Interpreter, "id" | "digest"> & Vocabulary;
  session: Session;
}

/** What answering needs of a program. */
export type Runnable = Pick<Program, "contract" | "prefix" | "head" | "calibration" | "answerTokens">;
