import type { Head } from "@unplugin-paw/program";
import { type Answer, answerAll } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { describe, expect, it } from "vitest";
import type { Plan } from "./effort.ts";
import { prepare, promptOf } from "./material.ts";
import { promptTokens } from "./prompt.ts";
import { seededRandom } from "./random.ts";
import { mean } from "./reward.ts";
import { calibrationOf, type Stage } from "./stage.ts";
import { runStages } from "./stages.ts";
import { releaseTrainers } from "./trainers.ts";
import { scoreFold } from "./validation.ts";

/** Words and their plurals: 24 examples, so that there is one fold and a joint stage. */
const words =
  "cat dog book tree car bird house lamp door chair cup pen key shoe hat coat ring ball boat road hill lake star cloud";
const text = `---
returns: string
---
Write the plural of the word.

## Examples
${words
  .split(" ")
  .map((word) => `- ${word} => ${word}s`)
  .join("\n")}
`;
/** All stages, as short as they can be. */
const plan: Plan = { promptTokens: 48, groups: 1, groupSize: 1, steps: 4, additions: 2, jointTokens: 96 };

describe("the stages of a compile", () => {
  it("go from the prompt to a prefix that was trained on everything", async () => {
    const engine = await sharedEngine();
    const material = await prepare(parseSpec(text, "plural.paw").spec as Spec, engine, seededRandom(0), undefined);
    const stages: Stage[] = [];
    const steps: number[] = [];
    const onProgress = (stage: string, done: number, total: number) => {
      if (stage !== "train") return;
      steps.push(done);
      expect(done).toBeLessThanOrEqual(total);
    };
    for await (const stage of runStages(material, plan, seededRandom(0), onProgress)) stages.push(stage);
    await releaseTrainers();

    expect(stages.map(({ name }) => name).slice(0, 3)).toEqual(["discrete", "continuous", "joint"]);
    const [discrete, continuous, joint] = stages as [Stage, Stage, Stage];
    expect(discrete.prefix.tokens).toBeLessThanOrEqual(plan.promptTokens);
    // The pseudo-program says what the prefix stands for, token by token, in every stage.
    for (const { pseudoProgram, prefix } of stages) {
      expect(promptTokens(engine.interpreter, promptOf(material, pseudoProgram))).toHaveLength(prefix.tokens);
    }
    const [fold] = material.folds;
    for (const { pseudoProgram } of stages) {
      for (const shot of pseudoProgram.shots) expect(fold?.shown.has(shot)).toBe(true);
    }
    expect(continuous.kept).toBe(true);
    expect(continuous.own?.logLikelihood).toBeGreaterThan(discrete.own?.logLikelihood as number);
    expect(joint.own).not.toBeNull();
    if (joint.kept) expect(joint.prefix.tokens).toBeGreaterThan(discrete.prefix.tokens);
    const last = stages.at(-1) as Stage;
    expect(last).toMatchObject({ name: "refit", own: null, kept: true });
    expect(last.prefix.keys).not.toEqual(joint.prefix.keys);
    // The refit goes on from what was learned on a part of the examples, and has learned the measured ones, too.
    const all = { shown: new Set<number>(), measured: [...material.shots.keys()] };
    const learned = async ({ prefix }: Stage) => mean((await scoreFold(material, all, prefix)) as number[]);
    const [before, after] = [await learned(joint), await learned(last)];
    expect(after).toBeGreaterThan(before);
    expect(before).toBeGreaterThan(await learned(discrete));
    // How sure its answers are comes from what was measured.
    expect(last.validation?.answers).toHaveLength(fold?.measured.length as number);
    const temperature = (stage: Stage) => calibrationOf(stage, material).temperature;
    expect(temperature(last)).not.toBe(temperature({ ...last, validation: null }));
    expect(steps).toEqual(steps.map((_, i) => i + 1));
  }, 120_000);
});

describe("the head of closed labels", () => {
  const animals = "cat dog horse cow sheep goat".split(" ");
  const fruits = "apple pear plum cherry grape lemon".split(" ");
  const examples = animals.flatMap((animal, i) => [`- the ${animal} => animal`, `- the ${fruits[i]} => fruit`]);
  const labelText = (labels: string) => `---
returns: [${labels}]
---
What is it?

## Examples
${examples.join("\n")}
`;
  const stagesOf = async (text: string): Promise<Stage[]> => {
    const engine = await sharedEngine();
    const material = await prepare(parseSpec(text, "kind.paw").spec as Spec, engine, seededRandom(0), undefined);
    const stages: Stage[] = [];
    const short = { ...plan, additions: 0 };
    for await (const stage of runStages(material, short, seededRandom(0), () => {})) stages.push(stage);
    await releaseTrainers();
    return stages;
  };

  it("is fitted to all examples in the end, and answers beside the decoder", async () => {
    const stages = await stagesOf(labelText("animal, fruit"));
    expect(stages.map(({ name }) => name)).toEqual(["discrete", "continuous", "head", "refit"]);
    const { head, prefix } = stages.at(-1) as Stage;
    expect(head).toMatchObject({ layers: 15 });
    const engine = await sharedEngine();
    const contract = {
      input: { kind: "string" as const },
      output: { kind: "labels" as const, labels: ["animal", "fruit"] },
    };
    const bare = { contract, prefix, calibration: { temperature: 1 }, answerTokens: 32 };
    const program = { ...bare, head: head as Head };
    const inputs = ["the donkey", "the peach", "the pig", "the melon"];
    const batch = await answerAll(engine, program, inputs);
    expect(batch.map((found) => !found.error && found.value)).toEqual(["animal", "fruit", "animal", "fruit"]);
    const [alone] = await answerAll(engine, program, inputs.slice(3));
    const probabilities = (found: Answer | undefined) =>
      !found || found.error ? [] : Object.values(found.classification?.probabilities ?? {});
    for (const [i, value] of probabilities(alone).entries()) {
      expect(value).toBeCloseTo(probabilities(batch[3])[i] as number, 3);
    }
    // What no animal and no fruit is, no label is sure of.
    const unsure = async (texts: string[]) =>
      (await answerAll(engine, program, texts)).map((found) => (found.error ? 0 : (found.classification?.unsure ?? 0)));
    const strange = ["SELECT id FROM users;", "Der Zug nach Kiel ist weg.", "zzq 91 xk", "Please cancel my order."];
    expect(Math.max(...(await unsure(inputs)))).toBeLessThan(0.3);
    expect(Math.min(...(await unsure(strange)))).toBeGreaterThan(0.3);
    for (const found of await answerAll(engine, program, [...inputs, ...strange])) {
      const { probabilities = {}, unsure = 0 } = (!found.error && found.classification) || {};
      expect(Object.values(probabilities).reduce((sum, share) => sum + share, unsure)).toBeCloseTo(1, 6);
    }

    const without = await answerAll(engine, bare, inputs);
    expect(probabilities(without[0])).not.toEqual(probabilities(batch[0]));
  }, 120_000);

  it("is left out where a label has no example", async () => {
    const stages = await stagesOf(labelText("animal, fruit, tool"));
    expect(stages.map(({ name }) => name)).not.toContain("head");
    expect(stages.at(-1)?.head).toBeUndefined();
  }, 120_000);
});
