import { expect, test } from "vitest";
import { progressLine } from "./log.ts";

test.each([
  [
    { stage: "download", loaded: 1_250_000, total: 98_000_000 },
    "downloading the interpreter (once per user) 1.3/98.0 MB",
  ],
  [{ stage: "load" }, "loading the interpreter"],
  [{ stage: "search", loaded: 1, total: 8 }, "searching 1/8"],
  [{ stage: "train", loaded: 12, total: 40, secondsLeft: 24.2 }, "training 12/40, about 25 s left"],
  [{ stage: "train", loaded: 40, total: 40, secondsLeft: 0 }, "training 40/40"],
] as const)("the progress %j", (progress, line) => {
  expect(progressLine("/app/src/tone.paw", progress)).toBe(`paw tone.paw  ${line}`);
});
