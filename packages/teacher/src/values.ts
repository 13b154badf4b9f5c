import { type Contract, isQuoteOf, parseOutput, renderInput, renderOutput } from "@unplugin-paw/program";
import type { Pair } from "@unplugin-paw/spec";

/** An input that a function of this contract takes; undefined for anything else. */
export function readInput(contract: Contract, value: unknown): Pair["input"] | undefined {
  try {
    if (renderInput(contract, value).trim() === "") return undefined;
    return typeof value === "string" ? value.trim() : (value as Pair["input"]);
  } catch {
    return undefined;
  }
}

/** Whether a function could answer an input so: what it quotes has to be there. */
export function fits({ output: { kind } }: Contract, { input, output }: Pick<Pair, "input" | "output">): boolean {
  return kind !== "quote" || isQuoteOf(input, output);
}

/** An output of this contract; what a model says in another case, or as a text, counts. */
export function readOutput(contract: Contract, value: unknown): { value: unknown } | undefined {
  const { output } = contract;
  if (output.kind === "labels" && typeof value === "string") {
    const same = (label: string) => label.trim().toLowerCase() === value.trim().toLowerCase();
    const label = output.labels.includes(value) ? value : output.labels.find(same);
    return label === undefined ? undefined : { value: label };
  }
  try {
    if (typeof value === "string") return { value: parseOutput(contract, value) };
    const given = output.kind === "string" && typeof value === "number" ? String(value) : value;
    renderOutput(contract, given);
    return { value: given };
  } catch {
    return undefined;
  }
}
