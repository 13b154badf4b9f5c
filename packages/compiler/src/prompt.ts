import { type Contract, NOTHING, outputLabels, renderInput, renderOutput } from "@unplugin-paw/program";
import type { Vocabulary } from "@unplugin-paw/runtime/decode";
import type { Pair, Spec } from "@unplugin-paw/spec";

/** An example as the model sees it. */
export interface Shot {
  input: string;
  output: string;
  /** Where a teacher wrote it. */
  isTaught?: boolean;
}

/** A pseudo-program: the discrete half of a program. */
export interface Prompt {
  /** What the system turn says; empty = no system turn. */
  instructions: string;
  shots: readonly Shot[];
}

export function toShot(contract: Contract, { input, output, by }: Pair): Shot {
  const shot = { input: renderInput(contract, input), output: renderOutput(contract, output) };
  return by === "teacher" ? { ...shot, isTaught: true } : shot;
}

/**
 * How many pairs of a teacher's a pair counts for that a person gave: real inputs are few, and what the program will
 * meet.
 */
const ownWeight = 3;

/** What each example counts for in training, 1 on average. */
export function shotWeights(shots: readonly Shot[]): number[] {
  const weights = shots.map(({ isTaught }) => (isTaught ? 1 : ownWeight));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}

/**
 * Token ids of everything that stands before an input: the system turn, each example as a user and an assistant turn,
 * and the opening of the user's turn. Texts are cut into tokens on their own, so that an example reads as an input
 * does.
 */
export function promptTokens({ tokenizer, chat }: Vocabulary, { instructions, shots }: Prompt): number[] {
  const turn = (opening: string, text: string) => [
    ...tokenizer.encodeTemplate(opening),
    ...tokenizer.encode(text),
    ...tokenizer.encodeTemplate(chat.end),
  ];
  return [
    ...(instructions === "" ? [] : turn(chat.system, instructions)),
    ...shots.flatMap(({ input, output }) => [...turn(chat.user, input), ...turn(chat.assistant, output)]),
    ...tokenizer.encodeTemplate(chat.user),
  ];
}

/** The same as text, for people. */
export function promptText({ chat }: Vocabulary, { instructions, shots }: Prompt): string {
  const turns = shots.map(
    ({ input, output }) => `${chat.user}${input}${chat.end}${chat.assistant}${output}${chat.end}`,
  );
  return `${instructions === "" ? "" : `${chat.system}${instructions}${chat.end}`}${turns.join("")}${chat.user}`;
}

/**
 * Ways to state the task without a teacher: the author's words, the author's words with the form of the answer, their
 * first sentence with it. The task is always said: prompts without it may answer held-out examples as well, but what is
 * trained from them only fits.
 */
export function wordings({ instructions, contract, descriptions = [] }: Spec): string[] {
  const form = answerForm(contract);
  const [sentence = instructions] = instructions.split(/(?<=[.!?])\s|\n\s*\n/, 1);
  // What labels stand for belongs to the task, so every wording says it.
  const fields = [...new Set(descriptions.map(({ field }) => field))];
  const meanings = fields
    .flatMap((of) =>
      inOrder(
        descriptions.filter(({ field }) => field === of),
        ({ label }) => label,
      ),
    )
    .map(({ field, label, text }) => `\n- ${field ? `${field} ` : ""}${label}: ${text}`)
    .join("");
  const told = `${instructions}${meanings}`;
  const all = [told, `${told}\n${form}`, `${sentence}${meanings}${meanings ? "\n" : " "}${form}`];
  return [...new Set(all)];
}

/**
 * Labels as a program sees them: in the order of their characters. In which order the author names them must change
 * nothing, and the order of options moves small models.
 */
export function inOrder<Labelled>(
  all: readonly Labelled[],
  labelOf: (one: Labelled) => string = (one) => String(one),
): Labelled[] {
  return all.toSorted((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1));
}

function answerForm(contract: Contract): string {
  const labels = outputLabels(contract);
  if (labels) return `Answer with one of: ${inOrder(labels).join(", ")}.`;
  switch (contract.output.kind) {
    case "number":
      return "Answer with a number only.";
    case "date":
      return "Answer with a date only, as YYYY-MM-DD.";
    case "quote":
      return `Answer with words of the text as they stand there, or ${NOTHING}.`;
    case "json": {
      const { type, minimum, maximum } = contract.output.schema;
      if (type !== "number" && type !== "integer") return "Answer with JSON only.";
      const range = [minimum === undefined ? "" : ` from ${minimum}`, maximum === undefined ? "" : ` to ${maximum}`];
      return `Answer with a${type === "integer" ? " whole" : ""} number${range.join("")} only.`;
    }
    default:
      return "Answer with the text only.";
  }
}
