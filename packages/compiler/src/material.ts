import type { KeyValues, Session } from "@unplugin-paw/interpreter/session";
import { askedPrecision, outputLabels, type Verbatim } from "@unplugin-paw/program";
import type { LocalEngine } from "@unplugin-paw/runtime/engine";
import type { Spec } from "@unplugin-paw/spec";
import { fitExamples } from "./length.ts";
import { type Prompt, promptTokens, type Shot } from "./prompt.ts";
import type { Random } from "./random.ts";
import { readerOf } from "./reader.ts";
import { type Fold, many, splitExamples } from "./split.ts";
import { verbatimOf } from "./verbatim.ts";

/** What all stages of a compile work on. */
export interface Material {
  spec: Spec;
  engine: LocalEngine;
  /** Reads the spec's own tokens, instructions and examples: `readerOf`, where the examples are few. */
  reader: Session;
  /** The spec's examples as the model sees them; of long ones a part. */
  shots: readonly Shot[];
  /** Empty where there is nothing to measure on. */
  folds: readonly Fold[];
  /** Of closed labels. */
  labels: readonly string[] | undefined;
  answerTokens: number;
  /** What is expected of answers in text. */
  verbatim: Verbatim | undefined;
  signal: AbortSignal | undefined;
}

/**
 * What all stages of a compile work on.
 *
 * @param onWarning told of examples that are read in part
 * @throws {CompileError} `TOO_LONG`, at the example that no call could take
 */
export async function prepare(
  spec: Spec,
  engine: LocalEngine,
  random: Random,
  signal: AbortSignal | undefined,
  onWarning: (message: string) => void = () => {},
): Promise<Material> {
  const { contract, examples, instructions } = spec;
  const prefixTokens = promptTokens(engine.interpreter, { instructions, shots: [] }).length;
  const { shots, answerTokens } = fitExamples(engine, contract, examples, prefixTokens, onWarning);
  const folds = splitExamples(
    shots.map(({ output }) => output),
    random,
    askedPrecision(contract) !== undefined,
  );
  // What is trained on many examples begins a little better as what runs has it.
  const reader = shots.length < many ? await readerOf(engine) : engine.session;
  const verbatim = verbatimOf(contract, shots);
  return { spec, engine, reader, shots, folds, labels: outputLabels(contract), answerTokens, verbatim, signal };
}

/** The examples that a fold measures. */
export function measuredPairs({ shots }: Material, { measured }: Fold): Shot[] {
  return measured.map((i) => shots[i] as Shot);
}

/** A pseudo-program by the numbers of its examples. */
export interface PseudoProgram {
  instructions: string;
  shots: readonly number[];
}

/** Its text; in a fold it goes without the examples that the fold measures. */
export function promptOf({ shots }: Material, pseudoProgram: PseudoProgram, fold?: Fold): Prompt {
  const visible = pseudoProgram.shots.filter((i) => fold?.shown.has(i) ?? true);
  return { instructions: pseudoProgram.instructions, shots: visible.map((i) => shots[i] as Shot) };
}

/** Its keys and values. */
export async function prefixOf(material: Material, pseudoProgram: PseudoProgram, fold?: Fold): Promise<KeyValues> {
  const tokens = promptTokens(material.engine.interpreter, promptOf(material, pseudoProgram, fold));
  return await material.reader.prefill(tokens);
}

/**
 * Tokens of an example behind a prefix, which ends with the opening of the user's turn: its input and answer, and
 * another opening.
 */
export function shotTokens({ engine: { interpreter }, shots }: Material, shot: number): number[] {
  const opening = promptTokens(interpreter, { instructions: "", shots: [] });
  return promptTokens(interpreter, { instructions: "", shots: [shots[shot] as Shot] }).slice(opening.length);
}

/** A prefix with more examples behind it. */
export async function withShots(material: Material, prefix: KeyValues, added: readonly number[]): Promise<KeyValues> {
  const tokens = added.flatMap((i) => shotTokens(material, i));
  return await material.reader.prefill(tokens, prefix);
}
