import { renderInput } from "@unplugin-paw/program";
import { expect, it } from "vitest";
import { rewritten } from "./rewriting.ts";

it.each([
  ["Where is it", ["where is it", "Where is it.", "where is it."]],
  ["the order came.", ["The order came.", "the order came", "The order came"]],
  ["Where is it?", ["where is it?"]],
  ["so good!", ["So good!"]],
  ["well...", ["Well..."]],
  ["« ça va", ["« Ça va", "« ça va.", "« Ça va."]],
  ["42", ["42."]],
  ["你好", ["你好."]],
  ["!!", []],
  ["", []],
])("%j is also written %j", (text, ways) => {
  expect(rewritten(text, { kind: "string" })).toEqual(ways);
});

it("an object's free texts are written otherwise, all of them, and nothing else of it", () => {
  const [subject, body] = [{ type: "string" }, { type: "string" }];
  const kind = { type: "string", enum: ["new", "old"] };
  const day = { type: "string", format: "date" };
  const schema = { type: "object", properties: { subject, kind, day, amount: { type: "number" }, body } };
  const text = renderInput(
    { input: { kind: "object", schema }, output: { kind: "boolean" } },
    { subject: "Refund", kind: "new", day: "2026-01-02", amount: 12, body: "where is it?\nfrom: me" },
  );
  const between = "kind: new\nday: 2026-01-02\namount: 12";
  expect(rewritten(text, { kind: "object", schema })).toEqual([
    `subject: refund\n${between}\nbody: Where is it?\nfrom: me`,
    `subject: Refund.\n${between}\nbody: where is it?\nfrom: me.`,
    `subject: refund.\n${between}\nbody: Where is it?\nfrom: me.`,
  ]);
});
