import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { expect, test } from "vitest";
import { type Training, Trainings } from "./trainings.ts";

function training(name: string, instructions = "Is the mood good or bad?"): Training {
  const { spec } = parseSpec(`---\nreturns: [good, bad]\n---\n${instructions}\n`, `/app/${name}.paw`);
  const options = { cache: "programs", effort: "standard" } as const;
  return { spec: spec as Spec, options, draft: {} as Training["draft"], abort: new AbortController() };
}

/** Trainings that end when they are told to. */
function queue() {
  const begun: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const trainings = new Trainings(({ spec }) => {
    begun.push(spec.name);
    return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
  });
  const end = async (error?: Error) => {
    ends.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, trainings, end };
}

test("one trains after the other, the last edit first", async () => {
  const { begun, trainings, end } = queue();
  for (const name of ["first", "second", "third"]) expect(trainings.add(training(name))).toBe(true);
  expect(begun).toEqual(["first"]);
  await end();
  await end();
  expect(begun).toEqual(["first", "third", "second"]);
});

test("an edit takes the place of the training before, and no training is there twice", async () => {
  const { begun, trainings, end } = queue();
  const before = training("mood");
  trainings.add(before);
  expect(trainings.add(training("mood"))).toBe(false);
  expect(trainings.add(training("mood", "Is it a good mood?"))).toBe(true);
  expect(before.abort.signal.aborted).toBe(true);
  await end();
  expect(begun).toEqual(["mood", "mood"]);
  expect(trainings.all).toHaveLength(1);
});

test("a training that failed is not repeated until its spec is edited", async () => {
  const { trainings, end } = queue();
  trainings.add(training("mood"));
  await end(new Error("out of memory"));
  expect(trainings.add(training("mood"))).toBe(false);
  expect(trainings.add(training("mood", "Is it a good mood?"))).toBe(true);
});
