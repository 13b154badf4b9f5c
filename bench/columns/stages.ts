import {
  type Material,
  type Plan,
  plans,
  prefill,
  prepare,
  runStages,
  type Stage,
  scoreFold,
  seededRandom,
  trainContinuous,
  validation,
} from "@unplugin-paw/compiler/internals";
import { decodeProgram, encodeProgram, type Program } from "@unplugin-paw/program";
import { type LocalEngine, sharedEngine } from "@unplugin-paw/runtime/internals";
import type { Spec } from "@unplugin-paw/spec";
import type { Task } from "../suite.ts";
import type { Answers, Column } from "./column.ts";
import { programAnswers } from "./program.ts";

/** All stages, though `standard` need not have them all. */
const plan: Plan = { ...plans.standard, additions: plans.thorough.additions, jointTokens: plans.thorough.jointTokens };

type Timed = { stages: Map<string, Stage & { seconds: number }>; material: Material };
let last: { spec: Spec; made: Promise<Timed> } | undefined;

/** The stages of one compile, each with the seconds until it was done; columns of one task share it. */
function compileStages(spec: Spec): Promise<Timed> {
  if (last?.spec.digest !== spec.digest) last = { spec, made: run(spec) };
  return last.made;
}

async function run(spec: Spec): Promise<Timed> {
  const engine = await sharedEngine();
  const start = performance.now();
  const random = seededRandom(0);
  const material = prepare(spec, engine, random, undefined);
  const stages: Timed["stages"] = new Map();
  for await (const stage of runStages(material, plan, random, () => {})) {
    stages.set(stage.name, { ...stage, seconds: (performance.now() - start) / 1000 });
  }
  return { stages, material };
}

function stageColumn(name: Stage["name"], column: string, title: string): Column {
  return {
    name: column,
    title,
    async answers(task, spec) {
      const { stages, material } = await compileStages(spec);
      const stage = stages.get(name);
      if (!stage) return undefined;
      const { prefix, validation, seconds, kept } = stage;
      return await answersOf(material, task, prefix, validation?.calibration, {
        seconds,
        kept: Number(kept),
        ...(validation && { logLikelihood: validation.logLikelihood, validation: validation.accuracy ?? Number.NaN }),
      });
    },
  };
}

export const discrete: Column = stageColumn("discrete", "discrete", "discrete stage");
export const hybrid: Column = stageColumn("continuous", "hybrid", "hybrid");
export const joint: Column = stageColumn("joint", "joint", "hybrid + joint");
export const refit: Column = stageColumn("refit", "refit", "all, refit");

/** As many vectors as prefix tuning takes. */
const ownVectors = 64;

/** A trained prefix without a pseudo-program: it starts from the keys and values of random tokens, and nothing tells it of the task. */
export const continuous: Column = {
  name: "continuous",
  title: "continuous only",
  async answers(task, spec) {
    const engine = await sharedEngine();
    const random = seededRandom(0);
    const material = prepare(spec, engine, random, undefined);
    const tokens = Array.from({ length: ownVectors }, () => Math.floor(random() * engine.session.config.vocabulary));
    const prefix = await engine.session.exclusive(() => prefill(engine.session, tokens));
    const scores = await Promise.all(material.folds.map((fold) => scoreFold(material, fold, prefix)));
    const before = validation(material, scores);
    const start = performance.now();
    const trained = await trainContinuous(
      material,
      async () => prefix,
      before,
      plan.steps,
      random,
      () => {},
    );
    return await answersOf(material, task, trained.prefix, trained.validation.calibration, {
      seconds: (performance.now() - start) / 1000,
      kept: Number(trained.kept),
    });
  },
};

/** Answers of the program as it would be shipped: its prefix as it comes out of the file. */
async function answersOf(
  { engine, spec, answerTokens }: Material,
  task: Task,
  prefix: Program["prefix"],
  calibration: Program["calibration"] | undefined,
  numbers: Record<string, number>,
): Promise<Answers> {
  const program = shipped(engine, spec, {
    prefix,
    calibration: calibration ?? { temperature: 1 },
    answerTokens,
  });
  return { texts: await programAnswers(engine, program, task), numbers: { ...numbers, prefixTokens: prefix.tokens } };
}

function shipped(
  { interpreter: { id, digest } }: LocalEngine,
  { name, contract, digest: specDigest }: Spec,
  rest: Pick<Program, "prefix" | "calibration" | "answerTokens">,
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
