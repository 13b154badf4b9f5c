import { afterAll, expect, test } from "vitest";
import { oracleFile } from "../../../test/oracle.ts";
import { ggufModel } from "./gguf.ts";
import type { TeacherModel } from "./model.ts";

let model: TeacherModel | undefined;

afterAll(async () => await model?.close());

test("a model on this machine answers with the list that is asked for, on one line", async () => {
  model = await ggufModel(await oracleFile());
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
