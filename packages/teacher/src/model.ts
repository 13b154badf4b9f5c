import type { JsonSchema } from "@unplugin-paw/program";

/** What a large language model is asked. */
export interface Prompt {
  system: string;
  user: string;
  /** The longest answer, tokens. */
  maxTokens: number;
  /** 0 = the likeliest answer. */
  temperature: number;
  /**
   * What is asked for: a list of as many values. A model that can decode under a grammar answers with nothing else.
   * Default: any text.
   */
  list?: { item: JsonSchema; count: number };
}

/** What it said. */
export interface Completion {
  text: string;
  /** As its provider counts them. */
  tokens: { input: number; output: number };
}

/** What a model needs while it answers. */
export interface Call {
  signal: AbortSignal;
  /** Called before each request that is sent, also of those that are sent again; what it throws ends the call. */
  onRequest: () => void;
}

/** A large language model, wherever it runs. */
export interface TeacherModel {
  /** Its name in logs. */
  readonly id: string;
  /**
   * @throws {TeacherError} it cannot be had
   * @throws the signal's reason
   */
  complete(prompt: Prompt, call: Call): Promise<Completion>;
  /**
   * How probable each of some answers is, in natural logarithms; absent where a model's probabilities cannot be seen.
   *
   * @throws the signal's reason
   */
  rank?(
    question: { system: string; user: string; options: readonly string[] },
    call: Call,
  ): Promise<{ logProbabilities: number[]; tokens: Completion["tokens"] }>;
  close(): Promise<void>;
}
