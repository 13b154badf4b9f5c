import type { Answered } from "@unplugin-paw/spec/record";
import { answerSchema, type Outputs } from "./answers.ts";
import type { Ask } from "./ask.ts";
import { pairLine } from "./describe.ts";

/** What a reviewer says of a pair. */
type Verdict = { n: number; keep: boolean; output?: { value: unknown } };

/**
 * Has the teacher look at finished pairs with the eyes of a reviewer: what is wrong is mended or dropped, and so is an
 * input that no user of the function would send. A pair that it says nothing of is kept, as two answers agreed on it.
 */
export async function reviewPairs(ask: Ask, pairs: readonly Answered[], outputs: Outputs): Promise<Answered[]> {
  if (pairs.length === 0) return [];
  const verdicts = await ask<Verdict>({
    user: [
      "Review these examples for the function. Is the output exactly what the instructions ask for, and is the input one that the function could really get?",
      ...pairs.map((pair, i) => `${i + 1}: ${pairLine(pair)}`),
      'Each line is the verdict on one example: {"n": 1, "verdict": "keep"}, or {"n": 1, "verdict": "fix", "output": ...} with the right output, or {"n": 1, "verdict": "drop"}.',
    ].join("\n"),
    maxTokens: 120 * pairs.length + 50,
    temperature: 0,
    list: {
      item: answerSchema({ verdict: { enum: ["keep", "fix", "drop"] }, output: outputs.schema }, ["verdict"]),
      count: pairs.length,
    },
    read: (value) => readVerdict(value, outputs),
  });
  const said = new Map(verdicts.map((verdict) => [verdict.n - 1, verdict]));
  return pairs.flatMap((pair, i): Answered[] => {
    const verdict = said.get(i);
    if (!verdict || (verdict.keep && !verdict.output)) return [pair];
    if (!verdict.keep || !verdict.output) return [];
    return [{ input: pair.input, output: verdict.output.value }];
  });
}

function readVerdict(value: unknown, outputs: Outputs): Verdict | undefined {
  if (typeof value !== "object" || value === null || !("n" in value && "verdict" in value)) return undefined;
  const n = Number(value.n);
  if (value.verdict === "fix") {
    const output = "output" in value ? outputs.read(value.output) : undefined;
    // One that mends with what does not fit does not know better.
    return output ? { n, keep: true, output } : { n, keep: false };
  }
  return { n, keep: value.verdict !== "drop" };
}
