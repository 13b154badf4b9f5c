import { expect, test } from "vitest";
import { Development } from "./development.ts";

const development = () => new Development({ reload: () => {}, info: () => {}, warn: () => {}, quiet: () => true });

test("a file concerns itself and the specs that read it", () => {
  const specs = development();
  specs.reads("/app/tone.paw", ["/app/pairs.csv", "/app/more.csv"]);
  specs.reads("/app/mood.paw", ["/app/pairs.csv"]);
  expect(specs.specsOf("/app/pairs.csv")).toEqual(["/app/pairs.csv", "/app/tone.paw", "/app/mood.paw"]);
  expect(specs.specsOf("/app/tone.paw")).toEqual(["/app/tone.paw"]);
  // What a spec reads no more does not concern it.
  specs.reads("/app/tone.paw", ["/app/more.csv"]);
  expect(specs.specsOf("/app/pairs.csv")).toEqual(["/app/pairs.csv", "/app/mood.paw"]);
});

test("a path of Windows is the one that its bundler writes with slashes", () => {
  const specs = development();
  specs.reads("C:/app/tone.paw", ["C:\\app\\pairs.csv"]);
  expect(specs.specsOf("C:/app/pairs.csv")).toContain("C:/app/tone.paw");
});
