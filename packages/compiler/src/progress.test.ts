import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CompileProgress, describeProgress, plainProgress } from "./progress.ts";

test.each([
  [
    { stage: "download", loaded: 1_250_000, total: 98_000_000 },
    "downloading the interpreter (once per user)",
    "1.3/98.0 MB",
    "",
  ],
  [{ stage: "load" }, "loading the interpreter", "", ""],
  [{ stage: "search", loaded: 1, total: 8 }, "searching", "1/8", ""],
  [{ stage: "train", loaded: 12, total: 40, secondsLeft: 24.2 }, "training", "12/40", ", about 25 s left"],
  [{ stage: "train", loaded: 40, total: 40, secondsLeft: 0 }, "training", "40/40", ""],
] as const)("%j in words", (progress, stage, amount, time) => {
  expect(describeProgress(progress)).toEqual({ stage, amount, time });
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a log hears of what takes long at its start and every half minute", () => {
  const lines: string[] = [];
  const progress = plainProgress((line) => lines.push(line));
  const train = (loaded: number): CompileProgress => ({ stage: "train", loaded, total: 40 });
  progress.update("tone.paw", { stage: "load" });
  progress.update("tone.paw", { stage: "search", loaded: 1, total: 1 }); // a draft
  expect(lines).toEqual([]);
  progress.update("tone.paw", train(1));
  vi.advanceTimersByTime(29_000);
  progress.update("tone.paw", train(2));
  expect(lines).toEqual(["tone.paw: training 1/40"]);
  vi.advanceTimersByTime(2_000);
  progress.update("tone.paw", train(3));
  expect(lines.slice(1)).toEqual(["tone.paw: training 2/40"]);
  progress.update("team.paw", { stage: "wait" });
  progress.update("tone.paw", train(4));
  expect(lines.slice(2)).toEqual(["team.paw: waiting for another build"]);
});

test("also of one who waits, of whom nothing more is heard", () => {
  const lines: string[] = [];
  const progress = plainProgress((line) => lines.push(line));
  progress.update("tone.paw", { stage: "wait" });
  vi.advanceTimersByTime(61_000);
  expect(lines).toHaveLength(3);
  progress.stop();
  vi.advanceTimersByTime(61_000);
  expect(lines).toHaveLength(3);
});
