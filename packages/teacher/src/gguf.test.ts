import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oracleFile } from "../../../test/oracle.ts";
import { Budget } from "./budget.ts";
import { ggufModel } from "./gguf.ts";
import type { TeacherModel } from "./model.ts";
import { judgeOf } from "./rank.ts";

let model: TeacherModel;

beforeAll(async () => {
  model = await ggufModel(await oracleFile());
});
afterAll(async () => await model?.close());

test("a model on this machine answers with the list that is asked for, on one line", async () => {
  let requests = 0;
  const item = {
    type: "object" as const,
    properties: { output: { enum: ["rude", "polite"] }, why: { type: "string" as const } },
    required: ["output", "why"],
  };
  const prompt = { system: "You judge texts.", user: 'Judge these: "Go away!" and "If you please."', maxTokens: 200 };
  const call = { signal: new AbortController().signal, onRequest: () => requests++ };
  const { text, tokens } = await model.complete({ ...prompt, temperature: 0, list: { item, count: 2 } }, call);
  const found = JSON.parse(text);
  expect(found).toHaveLength(2);
  for (const one of found)
    expect(one).toEqual({ output: expect.stringMatching(/^(rude|polite)$/), why: expect.any(String) });
  expect(text).not.toContain("\n");
  expect(requests).toBe(1);
  expect(tokens.output).toBeGreaterThan(8);
});

test("a model on this machine weighs labels, and as a judge it has no favourite among them", async () => {
  const question = { system: "Name the capital of the country.", options: ["Paris", "Tokyo", "Rome"] };
  const call = { signal: new AbortController().signal, onRequest: () => {} };
  const { logProbabilities = [], tokens } = (await model.rank?.({ ...question, user: "Japan" }, call)) ?? {};
  const shares = logProbabilities.map(Math.exp);
  expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 4);
  expect(shares.indexOf(Math.max(...shares))).toBe(1);
  expect(tokens?.input).toBeGreaterThan(8);

  const { spec } = parseSpec("---\nreturns: [food, weather]\n---\nWhat is the text about?\n", "topic.paw");
  const budget = new Budget();
  const judge = judgeOf(spec ?? expect.unreachable(), model, budget, call.signal) ?? expect.unreachable();
  const texts = ["The soup is too salty", "Snow and strong winds", "A slice of bread with cheese", "It rains all day"];
  expect(await judge(texts)).toEqual(["food", "weather", "food", "weather"]);
  expect(budget.used.calls).toBe(3 + texts.length);
  expect(
    judgeOf(
      { ...(spec as Spec), contract: { ...(spec as Spec).contract, output: { kind: "string" } } },
      model,
      budget,
      call.signal,
    ),
  ).toBeUndefined();
});
