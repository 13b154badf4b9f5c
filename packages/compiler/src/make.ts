import { findCard } from "@unplugin-paw/interpreter";
import { decodeMetadata, decodeProgram, encodeProgram, type Program } from "@unplugin-paw/program";
import type { Entry, Origin } from "@unplugin-paw/programs";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Spec } from "@unplugin-paw/spec";
import { abstentionOf } from "./abstention.ts";
import { plans } from "./effort.ts";
import { prepare, promptOf } from "./material.ts";
import type { CompileProgress } from "./progress.ts";
import { promptText } from "./prompt.ts";
import { seededRandom } from "./random.ts";
import { runTests } from "./run-tests.ts";
import { calibrationOf, type Stage } from "./stage.ts";
import { runStages } from "./stages.ts";
import { releaseTrainers } from "./trainers.ts";
import { takeTurn } from "./turn.ts";

export interface MakeOptions {
  /** A local GGUF in place of the interpreter's own file. */
  gguf?: string;
  onProgress?: (progress: CompileProgress) => void;
  onWarning: (message: string) => void;
  signal: AbortSignal;
}

/** A program that was just made, and the seconds that it took, without waiting for others. */
export type Made = Entry & { seconds: number };

/**
 * Compiles run one after the other: they share one model and two cores, and a queue gives each an honest progress and
 * time.
 */
let queue: Promise<unknown> = Promise.resolve();
let queued = 0;

/** Makes a program: stages, calibration, tests. */
export async function make(spec: Spec, origin: Origin, options: MakeOptions): Promise<Made> {
  queued++;
  const turn = queue.then(() => {
    options.signal.throwIfAborted();
    const work = async (signal: AbortSignal) => {
      const start = performance.now();
      const entry = await makeNow(spec, origin, { ...options, signal });
      return { ...entry, seconds: (performance.now() - start) / 1000 };
    };
    const trains = plans[origin.effort].steps > 0;
    return trains
      ? takeTurn(options.signal, () => options.onProgress?.({ stage: "wait" }), work)
      : work(options.signal);
  });
  // What is loaded for training is kept from one compile to the next, and given back after the last.
  queue = turn.catch(() => {}).then(() => (--queued === 0 ? releaseTrainers() : undefined));
  return await turn;
}

async function makeNow(spec: Spec, origin: Origin, options: MakeOptions): Promise<Entry> {
  const { onProgress, onWarning, signal, gguf } = options;
  const { interpreter, effort, seed } = origin;
  const engine = await sharedEngine(
    { id: interpreter.id },
    { ...(gguf !== undefined && { gguf }), ...(onProgress && { onProgress }), signal },
  );
  const report = progressReporter(onProgress);
  const random = seededRandom(seed);
  const material = await prepare(spec, engine, random, signal, onWarning);
  const stages: Stage[] = [];
  for await (const stage of runStages(material, plans[effort], random, report)) stages.push(stage);
  const last = stages.at(-1) as Stage;
  const { pseudoProgram, prefix, head } = last;
  const abstention = abstentionOf(spec, last.validation);
  const program: Program = {
    name: spec.name,
    interpreter,
    spec: { digest: spec.digest },
    compiler: { version: origin.compiler, effort, seed },
    contract: spec.contract,
    pseudoProgram: promptText(engine.interpreter, promptOf(material, pseudoProgram)),
    prefix,
    ...(head && { head }),
    calibration: { ...calibrationOf(last, material), ...(abstention && { threshold: abstention.threshold }) },
    answerTokens: material.answerTokens,
    scores: {
      stages: stages.map(({ name, own, kept }) => ({ name, validation: own?.accuracy ?? null, kept })),
      tests: null,
      ...(abstention && { coverage: abstention.coverage }),
    },
    licence: findCard(interpreter.id).licence,
    provenance: { method: origin.method },
  };
  report("tests", 0, spec.tests.length);
  // The tests judge what will be shipped: the prefix as it comes out of the file.
  const shipped = decodeProgram(encodeProgram(program));
  const { passed, accuracy, cases } = await runTests(spec, shipped, engine, signal);
  report("tests", spec.tests.length, spec.tests.length);
  const tests = accuracy === null ? null : { passed, total: cases.length, accuracy };
  const weights = encodeProgram({ ...program, scores: { ...program.scores, tests } });
  const results = cases.map(({ output, error }) => (error ? { error } : { output }));
  return { metadata: decodeMetadata(weights), weights, results };
}

/** Adds to each report how long the rest of the stage takes, going by what is done. */
function progressReporter(onProgress: MakeOptions["onProgress"]) {
  let [stage, start] = ["", 0];
  return (now: "search" | "train" | "tests", loaded: number, total: number): void => {
    if (now !== stage) [stage, start] = [now, performance.now()];
    // The first report of a stage comes when one part is done, from which nothing can be told of its time.
    const perPart = loaded > 1 ? (performance.now() - start) / 1000 / (loaded - 1) : undefined;
    onProgress?.({
      stage: now,
      loaded,
      total,
      ...(perPart !== undefined && { secondsLeft: perPart * (total - loaded) }),
    });
  };
}
