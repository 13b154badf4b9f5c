import type { Contract } from "@unplugin-paw/program";
import { expect, it } from "vitest";
import { isRight } from "./report.ts";

const maybe: Contract = {
  input: { kind: "string" },
  output: { kind: "json", schema: { anyOf: [{ type: "string" }, { type: "null" }] } },
};
const labels: Contract = {
  input: { kind: "string" },
  output: { kind: "labels", labels: ["yes", "null"] },
  abstain: 0.5,
};

it("null is a value like any other where the type has it", () => {
  expect(isRight(maybe, { value: null }, "null")).toBe(true);
  expect(isRight(maybe, { value: null }, '"x"')).toBe(false);
  expect(isRight(maybe, { value: "x" }, "null")).toBe(false);
});

it("a classifier that abstains is wrong, also about a label that is called null", () => {
  expect(isRight(labels, { value: null }, "null")).toBe(false);
  expect(isRight(labels, { value: "null" }, "null")).toBe(true);
});
