import { expect, it } from "vitest";
import type { JsonSchema } from "./contract.ts";
import { misfit } from "./validate.ts";

const text = { type: "string" };
const order: JsonSchema = {
  type: "object",
  properties: {
    name: text,
    due: { type: "string", format: "date" },
    note: { anyOf: [text, { type: "null" }] },
    lines: {
      type: "array",
      items: {
        type: "object",
        properties: { colour: { enum: ["red", "blue"] }, count: { type: "number" } },
        required: ["colour"],
        additionalProperties: false,
      },
    },
  },
  required: ["name", "note"],
  additionalProperties: false,
};
const good = { name: "Ann", note: null };

it.each<[string, unknown]>([
  ["what must be there", good],
  ["what may be there", { ...good, due: "2028-02-29", lines: [{ colour: "red", count: 1.5 }, { colour: "blue" }] }],
  ["either member of a union", { name: "", note: "" }],
])("%s fits", (_, value) => {
  expect(misfit(value, order)).toBeUndefined();
});

it.each<[string, unknown, (string | number)[], string]>([
  ["another kind of value", [], [], "type"],
  ["null", null, [], "type"],
  ["a field of another type", { ...good, name: 1 }, ["name"], "type"],
  ["no date", { ...good, due: "2027-02-29" }, ["due"], "format"],
  ["a field that is missing", { name: "Ann" }, ["note"], "required"],
  [
    "a field of an item that is missing",
    { ...good, lines: [{ colour: "red" }, {}] },
    ["lines", 1, "colour"],
    "required",
  ],
  ["no label", { ...good, lines: [{ colour: "green" }] }, ["lines", 0, "colour"], "enum"],
  ["no member of a union", { ...good, note: 5 }, ["note"], "anyOf"],
  ["an infinite number", { ...good, lines: [{ colour: "red", count: 1 / 0 }] }, ["lines", 0, "count"], "type"],
  ["an unknown field", { ...good, more: 1 }, ["more"], "additionalProperties"],
  [
    "an unknown field deep down, before what is missing",
    { lines: [{ color: "red" }] },
    ["lines", 0, "color"],
    "additionalProperties",
  ],
  ["a field that objects have of themselves", { ...good, constructor: 1 }, ["constructor"], "additionalProperties"],
  ["__proto__", JSON.parse('{"name": "Ann", "note": null, "__proto__": {}}'), ["__proto__"], "additionalProperties"],
])("%s is a misfit, with its place", (_, value, path, keyword) => {
  expect(misfit(value, order)).toMatchObject({ path, keyword });
});

it("says of a union what keeps the value from being the member that is meant", () => {
  const lists = { anyOf: [{ type: "array", items: text }, { type: "null" }] };
  expect(misfit(["a", 1], lists)).toMatchObject({ path: [1], keyword: "type", schema: text });
  const kinds = [{ type: "string", format: "date" }, { type: "number" }];
  expect(misfit("soon", { anyOf: kinds })).toMatchObject({ path: [], keyword: "format" });
});

it("takes nothing under a schema that it would have to misread", () => {
  for (const schema of [{ $ref: "#" }, { not: {} }, { type: "string", contentEncoding: "base64" }]) {
    expect(misfit("a", schema)).toMatchObject({ keyword: "schema" });
  }
});
