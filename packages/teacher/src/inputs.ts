import type { Contract } from "@unplugin-paw/program";
import type { Pair } from "@unplugin-paw/spec";
import type { Ask } from "./ask.ts";
import { BANK } from "./bank.ts";

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
  contract: Contract,
  { count, kind, labels, known }: Wanted,
  accepts: (value: unknown) => Pair["input"] | undefined,
): Promise<Pair["input"][]> {
  return await ask({
    user: [
      `Write ${count} inputs for the function, word for word as they come in, in this situation: ${kind}`,
      "They read like real ones: concrete, with names, things, places and numbers where people give them, each about something else, in other words and of another length.",
      ...(labels.length > 0 ? [`The right answers to them are, in turn: ${labels.join(", ")}.`] : []),
      ...(known.length > 0
        ? [`There are these already, so write others:\n${known.map((input) => JSON.stringify(input)).join("\n")}`]
        : []),
      `For another function, which sorts mails to a bank, in the situation "${BANK.kinds[0]}", two would be:`,
      ...BANK.inputs.map((input) => JSON.stringify(input)),
      `Now ${count} for this function, one a line, each as JSON, without its answer.`,
    ].join("\n"),
    maxTokens: 250 * count,
    temperature: 0.9,
    list: { item: contract.input.kind === "string" ? { type: "string" } : contract.input.schema, count },
    read: accepts,
  });
}
