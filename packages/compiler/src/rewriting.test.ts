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
  expect(rewritten(text)).toEqual(ways);
});
