import type { JsonSchema } from "@unplugin-paw/program";
import { type Answered, canonical } from "@unplugin-paw/spec/record";
import type { Ask } from "./ask.ts";
import type { Written } from "./inputs.ts";
import type { Judge } from "./rank.ts";

/** The outputs of a function: their schema, and how a model's answer is read as one. */
export interface Outputs {
  schema: JsonSchema;
  /** Undefined for what is none. */
  read: (value: unknown) => { value: unknown } | undefined;
}

/** Answers inputs; those on which the teacher does not agree with itself are left out. */
export type Answerer = (inputs: readonly Written[]) => Promise<Answered[]>;

/** An input counts with the label that a judge finds for it, where that is the one it was written for. */
export async function judgeInputs(judge: Judge, inputs: readonly Written[], outputs: Outputs): Promise<Answered[]> {
  const labels = await judge(inputs.map(({ input }) => input));
  return inputs.flatMap(({ input, meant }, i) => {
    const label = labels[i] as string;
    return meant === undefined || meant === label ? [{ input, output: outputs.read(label)?.value }] : [];
  });
}

/** Answers of an input, at most; the label that it was written for is one. */
const ANSWERS = 3;

/**
 * Has the teacher answer inputs until two answers agree, every other time in another order. The label that an input was
 * written for counts as an answer, and has to be one of the two: a teacher that sees one label everywhere agrees with
 * itself. An input without such two is left out.
 *
 * @param atOnce inputs of one question. Of several, a small model answers all like the first.
 */
export async function answerInputs(
  ask: Ask,
  inputs: readonly Written[],
  outputs: Outputs,
  atOnce: number,
): Promise<Answered[]> {
  const said = inputs.map(({ meant }): unknown[] => (meant === undefined ? [] : [outputs.read(meant)?.value]));
  const agreed = (i: number) => {
    const [first, ...others] = (said[i] as unknown[]).map(canonical);
    const isMeant = inputs[i]?.meant !== undefined;
    if (others.includes(first as string)) return { output: said[i]?.[0] };
    return !isMeant && others.length > 1 && others[0] === others[1] ? { output: said[i]?.[1] } : undefined;
  };
  for (let round = 0; round < ANSWERS; round++) {
    const open = [...inputs.keys()].filter((i) => !agreed(i) && (said[i] as unknown[]).length < ANSWERS);
    const ordered = round % 2 === 0 ? open : open.toReversed();
    for (let i = 0; i < ordered.length; i += atOnce) {
      const numbers = ordered.slice(i, i + atOnce);
      const answer = atOnce === 1 ? answerAlone : answerOnce;
      const found = await answer(ask, inputs, numbers, outputs, round === 0 ? 0 : 0.5);
      for (const [i, output] of found) said[i]?.push(output);
    }
  }
  return inputs.flatMap(({ input }, i) => {
    const found = agreed(i);
    return found ? [{ input, output: found.output }] : [];
  });
}

/** One answer an input, by the input's number. */
async function answerOnce(
  ask: Ask,
  inputs: readonly Written[],
  numbers: readonly number[],
  outputs: Outputs,
  temperature: number,
): Promise<Map<number, unknown>> {
  const found = await ask({
    user: [
      "Answer each of these inputs as the function would:",
      ...numbers.map((i) => JSON.stringify({ n: i + 1, input: inputs[i]?.input })),
      'Each line is the answer to one input, with its number: {"n": 1, "output": ...}',
    ].join("\n"),
    maxTokens: 200 * numbers.length + 50,
    temperature,
    list: { item: answerSchema({ output: outputs.schema }), count: numbers.length },
    read: (value) => numbered(value, numbers, outputs),
  });
  return new Map(found);
}

/** The answer of one input, which needs no number: half of what a model on this machine would have to write. */
async function answerAlone(
  ask: Ask,
  inputs: readonly Written[],
  [i = 0]: readonly number[],
  outputs: Outputs,
  temperature: number,
): Promise<Map<number, unknown>> {
  const question = `Answer this input as the function would:\n${JSON.stringify(inputs[i]?.input)}`;
  const found = await ask({
    user: `${question}\nThe line is its answer: {"output": ...}`,
    maxTokens: 250,
    temperature,
    list: { item: { type: "object", properties: { output: outputs.schema }, required: ["output"] }, count: 1 },
    read: (value) => outputs.read(Object(value).output),
  });
  return new Map(found.map(({ value }) => [i, value]));
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
