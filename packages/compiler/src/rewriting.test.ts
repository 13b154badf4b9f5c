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

it("an object's fields are written otherwise, all that are texts; never their names", () => {
  const schema = {
    type: "object",
    properties: { subject: { type: "string" }, amount: { type: "number" }, body: { type: "string" } },
  };
  const text = renderInput(
    { input: { kind: "object", schema }, output: { kind: "boolean" } },
    { subject: "Refund", amount: 12, body: "where is it?\nfrom: me" },
  );
  expect(rewritten(text, { kind: "object", schema })).toEqual([
    "subject: refund\namount: 12\nbody: Where is it?\nfrom: me",
    "subject: Refund.\namount: 12\nbody: where is it?\nfrom: me.",
    "subject: refund.\namount: 12\nbody: Where is it?\nfrom: me.",
  ]);
});
