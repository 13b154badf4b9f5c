import type { Pair, Spec } from "@unplugin-paw/spec";

/** More would only make each question longer. */
const SHOWN = 8;

/**
 * What a teacher is told of a function, as the system turn of every question. The spec's tests are never part of it: a
 * program that was taught them would prove nothing.
 */
export function describe({ instructions, contract, descriptions, examples }: Spec): string {
  const own = examples.filter(({ by }) => by !== "teacher").slice(0, SHOWN);
  return [
    "A developer has written a function in plain words, and needs data to test it with. The function is:",
    `"""\n${instructions.trim()}\n"""`,
    `It takes ${contract.input.kind === "string" ? "one text" : `a JSON object of this schema: ${JSON.stringify(contract.input.schema)}`}.`,
    `It returns ${outputOf(contract.output)}.`,
    ...(descriptions && descriptions.length > 0 ? [meaningsOf(descriptions)] : []),
    ...(own.length > 0 ? [`Examples that the developer gave:\n${own.map(pairLine).join("\n")}`] : []),
    "You always answer with JSON lines: one JSON value a line, and nothing else. No explanation, no numbering, no code fence.",
  ].join("\n\n");
}

/** What labels mean, one a line. */
export function meaningsOf(descriptions: NonNullable<Spec["descriptions"]>): string {
  return descriptions.map(({ label, text, field }) => `- ${field ? `${field}: ` : ""}${label}: ${text}`).join("\n");
}

function outputOf(output: Spec["contract"]["output"]): string {
  switch (output.kind) {
    case "labels":
      return `exactly one of these labels: ${output.labels.map((label) => JSON.stringify(label)).join(", ")}`;
    case "json":
      return `JSON of this schema: ${JSON.stringify(output.schema)}`;
    case "date":
      return "a date as a JSON text: YYYY-MM-DD";
    case "string":
      return output.pattern === undefined ? "a text" : `a text that matches the regular expression ${output.pattern}`;
    case "quote":
      return "a part of the input, word for word as it stands there, as a JSON text; or null where there is nothing to quote";
    default:
      return `a ${output.kind}`;
  }
}

/** A pair as one line of JSON. */
export function pairLine({ input, output }: Pick<Pair, "input" | "output">): string {
  return JSON.stringify({ input, output });
}
