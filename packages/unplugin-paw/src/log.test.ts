import { PassThrough } from "node:stream";
import type { Compiled } from "@unplugin-paw/compiler";
import { afterEach, expect, test, vi } from "vitest";
import { draftLine, progressLine, terminalProgress, trainedLine } from "./log.ts";

afterEach(() => vi.unstubAllEnvs());

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

test("drafts and what follows them", () => {
  const compiled = (seconds: number, passed: number, cached = false) =>
    ({ seconds, cached, report: { passed, failed: 10 - passed, accuracy: passed / 10, cases: Array(10) } }) as Compiled;
  const file = "/app/src/tone.paw";
  expect(draftLine(file, compiled(0.94, 6), false)).toBe("paw tone.paw  draft 0.9 s, training in the background");
  expect(draftLine(file, compiled(0, 6, true), true)).toBe(
    "paw tone.paw  draft from the cache, below its accuracy (tests 6/10), training in the background",
  );
  expect(trainedLine(file, compiled(41.2, 9), compiled(0.9, 6))).toBe(
    "paw tone.paw  trained 41 s  tests 9/10 (draft 6/10)",
  );
  const untested = { ...compiled(41.2, 0), report: { passed: 0, failed: 0, accuracy: null, cases: [] } };
  expect(trainedLine(file, untested, untested)).toBe("paw tone.paw  trained 41 s");
});

test("the line of the progress gives way to whatever else is written, and comes again", () => {
  vi.stubEnv("CI", "");
  const terminal = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true, columns: 80 });
  const { write } = terminal;
  const progress = terminalProgress(terminal as unknown as NodeJS.WriteStream);
  const train = (loaded: number) => progress.update("/app/tone.paw", { stage: "train", loaded, total: 40 });
  train(1);
  terminal.write("3:00:00 PM [vite] page reload\n");
  train(1);
  progress.clear();
  terminal.write("the end\n");
  expect(terminal.read().split("\r\u001b[2K")).toEqual([
    "",
    "paw tone.paw  training 1/40",
    "3:00:00 PM [vite] page reload\n",
    "paw tone.paw  training 1/40",
    "the end\n",
  ]);
  expect(terminal.write).toBe(write);
});
