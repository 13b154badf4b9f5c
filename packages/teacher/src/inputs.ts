import type { Pair } from "@unplugin-paw/spec";
import type { Ask } from "./ask.ts";

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

/** Has the teacher write inputs of one kind. */
export async function writeInputs(
  ask: Ask,
  { count, kind, labels, known }: Wanted,
  accepts: (value: unknown) => Pair["input"] | undefined,
): Promise<Pair["input"][]> {
  return await ask({
    user: [
      `Write ${count} inputs of this kind: ${kind}`,
      "They read as if they were taken from real data, not invented: concrete, each about something else, with other words and another shape.",
      ...(labels.length > 0 ? [`Their right answers should be, in turn: ${labels.join(", ")}.`] : []),
      ...(known.length > 0 ? [`Not like these:\n${known.map((input) => JSON.stringify(input)).join("\n")}`] : []),
      'Each line is one input as JSON, without the answer: a JSON text ("...") or, if the function takes an object, a JSON object.',
    ].join("\n"),
    maxTokens: 250 * count,
    temperature: 0.9,
    read: accepts,
  });
}
