import type { JsonSchema } from "@unplugin-paw/program";
import type { Pair } from "@unplugin-paw/spec";
import { type Answered, canonical } from "@unplugin-paw/spec/record";
import type { Ask } from "./ask.ts";

/** The outputs of a function: their schema, and how a model's answer is read as one. */
export interface Outputs {
  schema: JsonSchema;
  /** Undefined for what is none. */
  read: (value: unknown) => { value: unknown } | undefined;
}

/**
 * Has the teacher answer inputs twice, the second time in another order, and a third time where the two differ; an input without two
 * equal answers is left out.
 */
export async function answerInputs(ask: Ask, inputs: readonly Pair["input"][], outputs: Outputs): Promise<Answered[]> {
  if (inputs.length === 0) return [];
  const numbers = [...inputs.keys()];
  const first = await answerOnce(ask, inputs, numbers, outputs, 0);
  const second = await answerOnce(ask, inputs, numbers.toReversed(), outputs, 0.5);
  const agreed = (a: Map<number, unknown>, b: Map<number, unknown>, i: number) =>
    a.has(i) && b.has(i) && canonical(a.get(i)) === canonical(b.get(i));
  const open = numbers.filter((i) => !agreed(first, second, i));
  const third = open.length > 0 ? await answerOnce(ask, inputs, open, outputs, 0.5) : new Map<number, unknown>();
  return numbers.flatMap((i) => {
    const input = inputs[i] as Pair["input"];
    if (agreed(first, second, i) || agreed(first, third, i)) return [{ input, output: first.get(i) }];
    return agreed(second, third, i) ? [{ input, output: second.get(i) }] : [];
  });
}

/** One answer an input, by the input's number. */
async function answerOnce(
  ask: Ask,
  inputs: readonly Pair["input"][],
  numbers: readonly number[],
  outputs: Outputs,
  temperature: number,
): Promise<Map<number, unknown>> {
  const found = await ask({
    user: [
      "Answer each of these inputs as the function would:",
      ...numbers.map((i) => JSON.stringify({ n: i + 1, input: inputs[i] })),
      'Each line is the answer to one input, with its number: {"n": 1, "output": ...}',
    ].join("\n"),
    maxTokens: 200 * numbers.length + 50,
    temperature,
    list: { item: answerSchema({ output: outputs.schema }), count: numbers.length },
    read: (value) => numbered(value, numbers, outputs),
  });
  return new Map(found);
}

/** The schema of an answer with the number of what it answers. */
export function answerSchema(
  properties: { [name: string]: JsonSchema },
  required: string[] = Object.keys(properties),
): JsonSchema {
  return { type: "object", properties: { n: { type: "integer" }, ...properties }, required: ["n", ...required] };
}

/** `{ n, output }` as the input's index and the output. */
export function numbered(value: unknown, numbers: readonly number[], outputs: Outputs): [number, unknown] | undefined {
  if (typeof value !== "object" || value === null || !("n" in value && "output" in value)) return undefined;
  const i = Number(value.n) - 1;
  const output = outputs.read(value.output);
  return output && numbers.includes(i) ? [i, output.value] : undefined;
}
