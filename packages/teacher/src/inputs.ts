import type { JsonSchema } from "@unplugin-paw/program";
import type { Pair, Spec } from "@unplugin-paw/spec";
import type { Ask } from "./ask.ts";
import { BANK, isOfBank } from "./bank.ts";

/** What inputs are asked for. */
export interface Wanted {
  count: number;
  /** Of `planKinds`. */
  kind: string;
  /** Labels that still need pairs; empty for other outputs. */
  labels: readonly string[];
  /** Some that are there already, so that other ones are written. */
  known: readonly Pair["input"][];
}

/** Reads an input; undefined for what the function does not take. */
export type Accepts = (value: unknown) => Pair["input"] | undefined;

/** An input that a teacher wrote. */
export interface Written {
  input: Pair["input"];
  /** The label that it was written for, as it is written. */
  meant?: string;
}

/**
 * Has the teacher write inputs of one kind, each as an object: a small model that is asked for texts writes answers.
 * With labels it says first which label the input is for: a model writes to a label better than it finds one.
 */
export async function writeInputs(
  ask: Ask,
  { contract, instructions }: Pick<Spec, "contract" | "instructions">,
  { count, kind, labels, known }: Wanted,
  accepts: Accepts,
): Promise<Written[]> {
  const input = contract.input.kind === "string" ? { type: "string" } : contract.input.schema;
  const isLabelled = labels.length > 0;
  return await ask({
    user: [
      `Write ${count} inputs for the function, word for word as they come in, in this situation: ${kind}`,
      "They read like real ones: concrete, with names, things, places and numbers where people give them, each about something else, in other words and of another length.",
      ...(isLabelled ? [`The right answers to them are, in turn: ${labels.join(", ")}.`] : []),
      ...(known.length > 0
        ? [`There are these already, so write others:\n${known.map((input) => JSON.stringify(input)).join("\n")}`]
        : []),
      `${BANK.opening} in the situation "${BANK.kinds[0]}", two would be:`,
      ...BANK.inputs.map((input) => JSON.stringify(isLabelled ? { output: BANK.label, input } : { input })),
      // Said again: a small model goes by what it read last, and would write about banks.
      `Now ${count} for this function, which is: ${instructions.trim()}`,
      "An input is what the function is given, not words about it.",
      isLabelled
        ? "One a line, each as JSON: the right answer, then the input, which does not name it."
        : "One a line, each as JSON, without its answer.",
    ].join("\n"),
    maxTokens: 250 * count,
    temperature: 0.9,
    list: { item: schemaOf(labels, input), count },
    read: (value) => readWritten(value, labels, accepts),
  });
}

function schemaOf(labels: readonly string[], input: JsonSchema): JsonSchema {
  const output = labels.length > 0 && { output: { enum: [...labels] } };
  const properties = { ...output, input };
  return { type: "object", properties, required: Object.keys(properties) };
}

/** An input with its label; a model that leaves either name out has written an input all the same. */
function readWritten(value: unknown, labels: readonly string[], accepts: Accepts): Written | undefined {
  const isNamed = typeof value === "object" && value !== null && "input" in value;
  const input = (isNamed ? accepts(value.input) : undefined) ?? accepts(value);
  if (input === undefined || (typeof input === "string" && isOfBank(input))) return undefined;
  const meant = isNamed && "output" in value ? labels.find((label) => label === String(value.output)) : undefined;
  return meant === undefined ? { input } : { input, meant };
}
