import type { Options, Params } from "cli-progress";
import { expect, test } from "vitest";
import { format } from "./progress.ts";

const options = { barsize: 4, barCompleteString: "####", barIncompleteString: "----", barGlue: "" } as Options;
const params = (value: number, total: number) => ({ value, total, progress: total && value / total }) as Params;
const payload = { title: "mood", text: "working", bytes: false, secondsLeft: undefined };

test("a stage shows its parts, and the time that is left where it can tell", () => {
  expect(format(options, params(0, 0), payload)).toBe("mood: working ...");
  expect(format(options, params(1, 4), payload)).toBe("mood: working #--- 1/4");
  expect(format(options, params(2, 4), { ...payload, secondsLeft: 24.2 })).toBe(
    "mood: working ##-- 2/4, about 25 s left",
  );
  expect(format(options, params(4, 4), { ...payload, secondsLeft: 0 })).toBe("mood: working #### 4/4");
});

test("a download shows megabytes", () => {
  expect(format(options, params(49e6, 98e6), { ...payload, bytes: true })).toBe("mood: working ##-- 49.0/98.0 MB");
});
