import type { CompileProgress } from "@unplugin-paw/compiler";
import type { Options, Params } from "cli-progress";
import { expect, test } from "vitest";
import { format } from "./progress.ts";

const options = { barsize: 4, barCompleteString: "####", barIncompleteString: "----", barGlue: "" } as Options;
const params = (value: number, total: number) => ({ value, total, progress: total && value / total }) as Params;

const line = (progress: CompileProgress) => {
  const { loaded = 0, total = 0 } = progress;
  return format(options, params(loaded, total), { title: "mood", progress });
};

test("a stage shows its parts, and the time that is left where it can tell", () => {
  expect(line({ stage: "load" })).toBe("mood: loading the interpreter ...");
  expect(line({ stage: "train", loaded: 1, total: 4 })).toBe("mood: training #--- 1/4");
  expect(line({ stage: "train", loaded: 2, total: 4, secondsLeft: 24.2 })).toBe(
    "mood: training ##-- 2/4, about 25 s left",
  );
  expect(line({ stage: "train", loaded: 4, total: 4, secondsLeft: 0 })).toBe("mood: training #### 4/4");
});

test("a download shows megabytes", () => {
  expect(line({ stage: "unpack", loaded: 49e6, total: 98e6 })).toBe(
    "mood: unpacking the interpreter ##-- 49.0/98.0 MB",
  );
});
