import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { identifyInterpreter, withLock } from "@unplugin-paw/interpreter";
import { decodeProgram, encodeProgram, type Program } from "@unplugin-paw/program";
import type { LoadProgress, ProgramMeta } from "@unplugin-paw/runtime";
import { sharedEngine } from "@unplugin-paw/runtime/internals";
import type { Spec } from "@unplugin-paw/spec";
import packageJson from "../package.json" with { type: "json" };
import { cacheKey, defaultCache, type Entry, entryPath, readEntry, writeEntry } from "./cache.ts";
import { type Effort, efforts, plans } from "./effort.ts";
import { CompileError } from "./errors.ts";
import { prepare, promptOf } from "./material.ts";
import { promptText } from "./prompt.ts";
import { seededRandom } from "./random.ts";
import { runStages, type Stage } from "./stages.ts";
import { runTests, type TestReport, testReport } from "./tests.ts";
import { releaseTrainers } from "./trainers.ts";
import { takeTurn } from "./turn.ts";

/** How far a compile has come: bytes while the interpreter is fetched, candidates in `search`, steps in `train`, tests in `tests`. */
export interface CompileProgress {
  stage: LoadProgress["stage"] | "search" | "train" | "tests";
  loaded?: number;
  total?: number;
  /** Of a stage that can tell from what it has done: the time that the rest of it takes, seconds. */
  secondsLeft?: number;
}

export interface CompileOptions {
  /** Folder of compiled programs, shared by all processes; false = none. Default: {@link defaultCache} of the working folder. */
  cache?: string | false;
  /** How much the compile may cost. Default `standard`. */
  effort?: Effort;
  /** Decides every random choice. Default 0. */
  seed?: number;
  /** A local GGUF in place of the interpreter's own file. */
  gguf?: string;
  /** False gives a program whose tests score below the spec's `accuracy`, too. Default true: that is an error. */
  gate?: boolean;
  onProgress?: (progress: CompileProgress) => void;
  signal?: AbortSignal;
}

export interface Compiled {
  program: Program;
  /** The program as a `.weights` file. */
  weights: Uint8Array;
  /** That file in the cache; absent without a cache, or where it could not be written. */
  path?: string;
  cached: boolean;
  /** Time that the compile took, without waiting for others; of one from the cache, the time to read it. */
  seconds: number;
  report: TestReport;
}

/** Raised when the same spec compiles to another program though no version changed: it is part of the cache's key. */
const methodVersion = 4;

/** With the defaults filled in. */
type Settled = CompileOptions & { seed: number; effort: Effort };

type Made = Entry & { seconds: number };

const running = new Map<string, Promise<Compiled>>();

/**
 * Compiles a spec into a program, or takes it from the cache. The same spec, effort, seed and interpreter give the same program on the same kind
 * of machine. Calls for the same program share one compile, in this process and (through a lock beside the cache entry) between
 * processes; a compile that is killed leaves nothing that a later one would trust.
 *
 * @throws {CompileError} `ACCURACY` when the tests score below the spec's `accuracy` (the program stays in the cache), `TOO_LONG`
 * @throws {InterpreterError} the interpreter cannot be had
 * @throws {RangeError} there is no such effort
 * @throws the signal's reason when aborted
 * @example
 * const { spec } = readSpec("sentiment.paw");
 * const { weights, report } = await compile(spec);
 */
export async function compile(spec: Spec, options: CompileOptions = {}): Promise<Compiled> {
  options.signal?.throwIfAborted();
  const settled = settle(options);
  const { interpreter, key, cache } = await identify(spec, settled);
  const id = JSON.stringify([cache, key]);
  const shared = running.get(id);
  const compiled = shared ?? obtain(spec, interpreter, key, cache, settled);
  if (!shared) {
    running.set(id, compiled);
    compiled.finally(() => running.delete(id)).catch(() => {});
  }
  const result = await compiled;
  const missed = settled.gate === false ? undefined : accuracyError(spec, result.report);
  if (missed) throw missed;
  return result;
}

/**
 * The program of a spec where the cache has it, whatever its tests score; nothing is compiled.
 *
 * @throws {InterpreterError} there is no such interpreter
 * @throws {RangeError} there is no such effort
 */
export async function findProgram(spec: Spec, options: CompileOptions = {}): Promise<Compiled | undefined> {
  const start = performance.now();
  const { interpreter, key, cache } = await identify(spec, settle(options));
  const found = cache === false ? undefined : await readEntry(cache, key, spec, interpreter);
  if (!found || cache === false) return undefined;
  const { program, weights, results } = found;
  const seconds = (performance.now() - start) / 1000;
  return {
    program,
    weights,
    path: entryPath(cache, key, spec.name),
    cached: true,
    seconds,
    report: testReport(spec, results),
  };
}

function settle(options: CompileOptions): Settled {
  checkEffort(options.effort);
  return { ...options, seed: options.seed ?? 0, effort: options.effort ?? "standard" };
}

/** What a program is made with, and where the cache has it. */
async function identify(spec: Spec, { seed, effort, gguf, cache = defaultCache(process.cwd()) }: Settled) {
  const interpreter = await identifyInterpreter(spec.interpreter, gguf);
  const key = cacheKey([
    `paw program ${methodVersion}`,
    packageJson.version,
    interpreter.digest,
    spec.digest,
    spec.name,
    effort,
    String(seed),
  ]);
  return { interpreter, key, cache };
}

/** From JavaScript anything may come. */
function checkEffort(effort: unknown): void {
  if (effort === undefined || efforts.includes(effort as Effort)) return;
  throw new RangeError(`effort is ${JSON.stringify(effort)}; it can be ${efforts.join(", ")}`);
}

type Identity = Awaited<ReturnType<typeof identifyInterpreter>>;

/** From the cache, or made and put there. A cache that cannot be written costs time, not the build. */
async function obtain(
  spec: Spec,
  interpreter: Identity,
  key: string,
  cache: string | false,
  options: Settled,
): Promise<Compiled> {
  const start = performance.now();
  const finish = ({ program, weights, results, ...made }: Entry | Made, cached: boolean, path?: string): Compiled => {
    const report = testReport(spec, results);
    const seconds = "seconds" in made ? made.seconds : (performance.now() - start) / 1000;
    return { program, weights, cached, seconds, report, ...(path !== undefined && { path }) };
  };
  if (cache === false) return finish(await make(spec, interpreter, options), false);

  const path = entryPath(cache, key, spec.name);
  const found = await readEntry(cache, key, spec, interpreter);
  if (found) return finish(found, true, path);
  const writable = await mkdir(cache, { recursive: true }).then(
    () => true,
    () => false,
  );
  if (!writable) return finish(await make(spec, interpreter, options), false);

  let made: Made | undefined;
  const signal = options.signal ?? new AbortController().signal;
  try {
    const onWait = () => options.onProgress?.({ stage: "wait" });
    return await withLock(join(cache, key), signal, onWait, async (signal) => {
      const other = await readEntry(cache, key, spec, interpreter);
      if (other) return finish(other, true, path);
      made = await make(spec, interpreter, { ...options, signal });
      await writeEntry(cache, key, spec.name, made);
      return finish(made, false, path);
    });
  } catch (error) {
    if (made) return finish(made, false);
    if ((error as { code?: string }).code !== "STORE_UNWRITABLE") throw error;
    return finish(await make(spec, interpreter, options), false);
  }
}

/** Compiles run one after the other: they share one model and two cores, and a queue gives each an honest progress and time. */
let queue: Promise<unknown> = Promise.resolve();
let queued = 0;

async function make(spec: Spec, interpreter: Identity, options: Settled): Promise<Made> {
  queued++;
  const turn = queue.then(() => {
    options.signal?.throwIfAborted();
    const work = async (signal: AbortSignal) => {
      const start = performance.now();
      const entry = await compileNow(spec, interpreter, { ...options, signal });
      return { ...entry, seconds: (performance.now() - start) / 1000 };
    };
    const signal = options.signal ?? new AbortController().signal;
    const trains = plans[options.effort].steps > 0;
    return trains ? takeTurn(signal, () => options.onProgress?.({ stage: "wait" }), work) : work(signal);
  });
  // What is loaded for training is kept from one compile to the next, and given back after the last.
  queue = turn.catch(() => {}).then(() => (--queued === 0 ? releaseTrainers() : undefined));
  return await turn;
}

/** Stages, calibration, tests. */
async function compileNow(spec: Spec, interpreter: Identity, options: Settled): Promise<Entry> {
  const { onProgress, signal, gguf, effort, seed } = options;
  const engine = await sharedEngine(
    { id: interpreter.id },
    { ...(gguf !== undefined && { gguf }), ...(onProgress && { onProgress }), ...(signal && { signal }) },
  );
  const report = progressReporter(onProgress);
  const random = seededRandom(seed);
  const material = prepare(spec, engine, random, signal);
  const stages: Stage[] = [];
  for await (const stage of runStages(material, plans[effort], random, report)) stages.push(stage);
  const { pseudoProgram, prefix, head, validation } = stages.at(-1) as Stage;
  const program: Program = {
    name: spec.name,
    interpreter: { id: interpreter.id, digest: interpreter.digest },
    spec: { digest: spec.digest },
    compiler: { version: packageJson.version, effort, seed },
    contract: spec.contract,
    pseudoProgram: promptText(engine.interpreter, promptOf(material, pseudoProgram)),
    prefix,
    ...(head && { head }),
    calibration: validation?.calibration ?? { temperature: 1 },
    answerTokens: material.answerTokens,
    scores: {
      stages: stages.map(({ name, own, kept }) => ({ name, validation: own?.accuracy ?? null, kept })),
      tests: null,
    },
    licence: interpreter.licence,
  };
  report("tests", 0, spec.tests.length);
  // The tests judge what will be shipped: the prefix as it comes out of the file.
  const shipped = decodeProgram(encodeProgram(program));
  const { passed, accuracy, cases } = await runTests(spec, shipped, engine, signal);
  report("tests", spec.tests.length, spec.tests.length);
  const tests = accuracy === null ? null : { passed, total: cases.length, accuracy };
  const weights = encodeProgram({ ...program, scores: { ...program.scores, tests } });
  const results = cases.map(({ output, error }) => (error ? { error } : { output }));
  return { program: decodeProgram(weights), weights, results };
}

/** Adds to each report how long the rest of the stage takes, going by what is done. */
function progressReporter(onProgress: CompileOptions["onProgress"]) {
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

/** The gate: a spec that asks for an accuracy is not built below it. Undefined for one that is not below. */
export function accuracyError(spec: Spec, report: TestReport): CompileError | undefined {
  if (spec.accuracy === undefined || report.accuracy === null || report.accuracy >= spec.accuracy) return undefined;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const shown = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const failures = report.cases
    .filter(({ passed }) => !passed)
    .map(({ input, expected, output, error, location }) => {
      const got = error ? (error.raw ?? error.message) : shown(output);
      return `  ${location.file}:${location.line}:${location.column}: ${shown(input)}\n    expected ${shown(expected)}, got ${got}`;
    });
  return new CompileError(
    "ACCURACY",
    `${report.passed} of ${report.cases.length} tests pass (${percent(report.accuracy ?? 0)}); accuracy asks for ${percent(spec.accuracy)}.\n${failures.join("\n")}`,
    "Add examples like the failing tests, say the rule in the instructions, or lower `accuracy`.",
    spec.accuracyLocation ?? { file: spec.id, line: 1, column: 1 },
    report,
  );
}

/** What a generated module says of its program. */
export function programMeta({ name, interpreter, contract, scores }: Program): ProgramMeta {
  return { name, interpreter, contract, tests: scores.tests };
}
