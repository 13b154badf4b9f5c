/** A JSON Schema (draft 2020-12), of the keywords that specs' types need. */
export type JsonSchema = { [keyword: string]: unknown };

/** What a function takes: one text, or one object whose fields are shown to the model as `name: value` lines. */
export type InputContract = { kind: "string" } | { kind: "object"; schema: JsonSchema };

/**
 * What a function returns. `labels` is a closed set, decoded over its trie; `boolean` is the closed set true, false;
 * `string` is the decoded text, all of which matches `pattern` where there is one ({@link Pattern}, as `^(?:...)$`);
 * `quote` is a part of the input text, word for word, or null; `number` and `date` (ISO 8601, `2026-11-24`) are one bare
 * value; `json` (arrays, objects, numbers of a range) is JSON text that fits `schema`.
 */
export type OutputContract =
  | { kind: "labels"; labels: string[] }
  | { kind: "boolean" }
  | { kind: "string"; pattern?: string }
  | { kind: "quote" }
  | { kind: "number" }
  | { kind: "date" }
  | { kind: "json"; schema: JsonSchema };

/** The signature of a program, as data: what the compiler renders, the runtime validates and the plugin types. */
export interface Contract {
  input: InputContract;
  output: OutputContract;
  /**
   * Closed labels only: the function answers `null` below this probability (0 to 1), or below the one from which on the
   * share `precision` of its answers is right, which the compiler finds and keeps in the program's calibration.
   */
  abstain?: number | { precision: number };
}
