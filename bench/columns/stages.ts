import {
  abstentionOf,
  calibrationOf,
  type Material,
  type Plan,
  plans,
  prepare,
  refit,
  runStages,
  type Stage,
  seededRandom,
  stepsFor,
  trainContinuous,
} from "@unplugin-paw/compiler/internals";
import { decodeProgram, encodeProgram, type Program } from "@unplugin-paw/program";
import { answerAll } from "@unplugin-paw/runtime/decode";
import type { LocalEngine } from "@unplugin-paw/runtime/engine";
import type { Spec } from "@unplugin-paw/spec";
import { confidenceOf } from "../confidence.ts";
import { type Task, taskSpec } from "../suite.ts";
import type { Answers, Column } from "./column.ts";
import { answerText, engineOf } from "./program.ts";

type Timed = { stages: (Stage & { seconds: number })[]; material: Material };
let last: { spec: Spec; plan: Plan; made: Promise<Timed> } | undefined;

/** The stages of one compile, each with the seconds until it was done; columns of one task share it. */
function compileStages(spec: Spec, plan: Plan): Promise<Timed> {
  if (last?.spec.digest !== spec.digest || last.plan !== plan) last = { spec, plan, made: run(spec, plan) };
  return last.made;
}

async function run(spec: Spec, plan: Plan): Promise<Timed> {
  const engine = await engineOf(spec);
  const start = performance.now();
  const random = seededRandom(0);
  const material = await prepare(spec, engine, random, undefined);
  const stages: Timed["stages"] = [];
  for await (const stage of runStages(material, plan, random, () => {})) {
    stages.push({ ...stage, seconds: (performance.now() - start) / 1000 });
  }
  return { stages, material };
}

/** The program as it is when a stage is done; without a name, when all are. */
function stageColumn(column: string, title: string, plan: Plan, name?: Stage["name"]): Column {
  return {
    name: column,
    title,
    async answers(task, spec) {
      const { stages, material } = await compileStages(spec, plan);
      const stage = name ? stages.find((one) => one.name === name) : stages.at(-1);
      if (!stage) return undefined;
      const { own, seconds, kept } = stage;
      const threshold = abstentionOf(material.spec, stage.validation)?.threshold;
      const calibration = { ...calibrationOf(stage, material), ...(threshold !== undefined && { threshold }) };
      return await answersOf(material, task, stage, calibration, {
        seconds,
        kept: Number(kept),
        ...(own && {
          logLikelihood: own.logLikelihood,
          ...(own.accuracy !== undefined && { validation: own.accuracy }),
        }),
      });
    },
  };
}

const { standard, thorough } = plans;
/** Of no table: what changes a program's prompt can be tried with it in seconds. */
export const draft: Column = stageColumn("draft", "draft", plans.draft);
/** `standard` and the joint stage. */
const withJoint: Plan = { ...standard, additions: thorough.additions, jointTokens: thorough.jointTokens };

export const discrete: Column = stageColumn("discrete", "discrete stage", standard, "discrete");
export const hybrid: Column = stageColumn("hybrid", "hybrid", standard, "continuous");
export const full: Column = stageColumn("full", "full compile", standard);
export const halfSteps: Column = stageColumn("halfSteps", "half the steps", { ...standard, steps: standard.steps / 2 });
export const joint: Column = stageColumn("joint", "full + joint", withJoint);

/** A full compile of which 95 % of the answers are to be right. */
export const abstaining: Column = {
  name: "abstaining",
  title: "abstaining",
  async answers(task) {
    if (!task.labels) return undefined;
    const careful = { ...task, precision: 0.95 };
    return await full.answers(careful, taskSpec(careful));
  },
};

/** A full compile of the instructions alone. */
export const bare: Column = {
  name: "bare",
  title: "compiled, no pairs",
  async answers(task) {
    const alone = { ...task, train: [] };
    return await full.answers(alone, taskSpec(alone));
  },
};

/** As many vectors as prefix tuning takes. */
const ownVectors = 64;

/**
 * A trained prefix without a pseudo-program: it starts from the keys and values of random tokens, and nothing tells it
 * of the task.
 */
export const continuous: Column = {
  name: "continuous",
  title: "continuous only",
  async answers(task, spec) {
    const engine = await engineOf(spec);
    const random = seededRandom(0);
    const material = await prepare(spec, engine, random, undefined);
    const tokens = Array.from({ length: ownVectors }, () => Math.floor(random() * engine.session.config.vocabulary));
    const prefix = await engine.session.prefill(tokens);
    const start = performance.now();
    // Its calibration is measured as the compiler does it; then all examples are learned from.
    const starts = material.folds.map(() => prefix);
    const steps = stepsFor(standard, material);
    const { validation } = await trainContinuous(material, starts, steps.fold, random, () => {});
    const trained = await refit(material, prefix, [{ added: [], steps: steps.refit }], random, () => {});
    const seconds = (performance.now() - start) / 1000;
    return await answersOf(material, task, { prefix: trained }, calibrationOf({ validation }, material), { seconds });
  },
};

/** Answers of the program as it would be shipped: its prefix as it comes out of the file. */
async function answersOf(
  { engine, spec, answerTokens }: Material,
  task: Task,
  { prefix, head }: Pick<Program, "prefix" | "head">,
  calibration: Program["calibration"],
  numbers: Record<string, number>,
): Promise<Answers> {
  const program = shipped(engine, spec, {
    prefix,
    ...(head && { head }),
    calibration,
    answerTokens,
  });
  const answers = await answerAll(
    engine,
    program,
    task.test.map(({ input }) => input),
  );
  return {
    texts: answers.map((answer) => answerText(program, answer)),
    numbers: { ...numbers, ...(await confidenceOf(engine, program, task, answers)), prefixTokens: prefix.tokens },
  };
}

function shipped(
  { interpreter: { id, digest } }: LocalEngine,
  { name, contract, digest: specDigest }: Spec,
  rest: Pick<Program, "prefix" | "head" | "calibration" | "answerTokens">,
): Program {
  const program: Program = {
    name,
    interpreter: { id, digest },
    spec: { digest: specDigest },
    compiler: { version: "bench", effort: "bench", seed: 0 },
    contract,
    pseudoProgram: "",
    scores: { stages: [], tests: null },
    licence: "bench",
    ...rest,
  };
  return decodeProgram(encodeProgram(program));
}
