import { InterpreterError, identifyInterpreter } from "@unplugin-paw/interpreter/identity";
import { Loads } from "@unplugin-paw/interpreter/loads";
import { decodeProgram, type Metadata, type Program } from "@unplugin-paw/program";
import {
  DamagedEntry,
  defaultCache,
  type Effort,
  efforts,
  interpreterOfEntry,
  MissingProgram,
  type Obtained,
  type Origin,
  obtain,
  programKey,
  type RemoteStorage,
  readEntry,
  remoteOf,
  takeFrozen,
} from "@unplugin-paw/programs";
import type { Spec } from "@unplugin-paw/spec";
import { CompileError } from "./errors.ts";
import { maker } from "./maker.ts";
import type { CompileProgress } from "./progress.ts";
import { type TestReport, testReport } from "./report.ts";

export interface CompileOptions {
  /**
   * Folder of compiled programs, shared by all processes; false = none. Default: {@link defaultCache} of the working
   * folder.
   */
  cache?: string | false;
  /** How much the compile may cost. Default `standard`. */
  effort?: Effort;
  /** Decides every random choice. Default 0. */
  seed?: number;
  /** A local GGUF in place of the interpreter's own file. */
  gguf?: string;
  /** Takes the program from the cache or fails: nothing is fetched, trained or written, and `remote` is not asked. */
  frozen?: boolean;
  /**
   * A cache that machines share. It is asked where `cache` has no program, and given what is compiled: `redis://host`,
   * `https://host/path`, the path of a folder, or any `Storage` of unstorage; false = none. Default: the environment
   * variable `PAW_REMOTE`.
   */
  remote?: string | RemoteStorage | false;
  /** False gives a program whose tests score below the spec's `accuracy`, too. Default true: that is an error. */
  gate?: boolean;
  onProgress?: (progress: CompileProgress) => void;
  /** Told what went wrong without being a reason to fail, such as a remote cache that does not answer. */
  onWarning?: (message: string) => void;
  signal?: AbortSignal;
}

export interface Compiled {
  /** All but the numbers: what a build needs. */
  metadata: Metadata;
  /** Decoded when it is asked for. */
  readonly program: Program;
  /** The program as a `.weights` file; of one from the cache, read when it is asked for. */
  readonly weights: Uint8Array;
  /** That file in the cache; absent without a cache, or where it could not be written. */
  path?: string;
  cached: boolean;
  /** Time that the compile took, without waiting for others; of one from the cache, the time to read it. */
  seconds: number;
  report: TestReport;
}

/** With the defaults filled in. */
type Settled = CompileOptions & { seed: number; effort: Effort; cache: string | false };

/** What those who wait for a compile are told of it. */
type News = { progress: CompileProgress } | { warning: string };

const running = new Loads<Compiled, News>({ keep: false });

/**
 * Compiles a spec into a program, or takes it from a cache. The same spec, effort, seed and interpreter give the same
 * program on the same kind of machine. Calls for the same program share one compile, in this process and (through a
 * lock beside the cache entry) between processes; it is cancelled when the last of them is. A compile that is killed
 * leaves nothing that a later one would trust.
 *
 * @throws {CompileError} `ACCURACY` when the tests score below the spec's `accuracy` (the program stays in the cache),
 *   `TOO_LONG`;
 *   `MISSING` and `DAMAGED` where it is frozen
 * @throws {InterpreterError} the interpreter cannot be had
 * @throws {RemoteError} `remote` is nothing that could be a cache
 * @throws {RangeError} there is no such effort
 * @throws the signal's reason when aborted
 * @example
 * const { spec } = readSpec("sentiment.paw");
 * const { weights, report } = await compile(spec);
 */
export async function compile(spec: Spec, options: CompileOptions = {}): Promise<Compiled> {
  options.signal?.throwIfAborted();
  const settled = settle(options);
  const origin = await originOf(spec, settled);
  const id = JSON.stringify([settled.cache, settled.frozen, programKey(origin)]);
  const { signal, onProgress, onWarning } = options;
  const result = await running.get(
    id,
    async ({ signal, onProgress: tell }) => {
      const own: Settled = {
        ...settled,
        signal,
        onProgress: (progress) => tell({ progress }),
        onWarning: (warning) => tell({ warning }),
      };
      return await compileOnce(spec, origin, own);
    },
    {
      ...(signal && { signal }),
      onProgress: (news) => ("progress" in news ? onProgress?.(news.progress) : onWarning?.(news.warning)),
    },
  );
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
  const settled = settle(options);
  const { cache } = settled;
  const origin = await originOf(spec, settled);
  if (cache === false) return undefined;
  try {
    const found = readEntry(cache, origin, spec);
    return found && compiledOf(spec, found, start);
  } catch (error) {
    if (error instanceof DamagedEntry) return undefined;
    throw error;
  }
}

function settle(options: CompileOptions): Settled {
  checkEffort(options.effort);
  const { seed = 0, effort = "standard", cache = defaultCache(process.cwd()) } = options;
  return { ...options, seed, effort, cache };
}

/** From JavaScript anything may come. */
function checkEffort(effort: unknown): void {
  if (effort === undefined || efforts.includes(effort as Effort)) return;
  throw new RangeError(`effort is ${JSON.stringify(effort)}; it can be ${efforts.join(", ")}`);
}

/** What a program is made of. */
async function originOf(spec: Spec, { seed, effort, gguf, frozen, cache }: Settled): Promise<Origin> {
  const rest = { name: spec.name, spec: spec.digest, effort, seed, ...maker };
  try {
    const { id, digest } = await identifyInterpreter(spec.interpreter, gguf);
    return { ...rest, interpreter: { id, digest } };
  } catch (error) {
    const absent = error instanceof InterpreterError && error.code === "MODEL_UNREADABLE";
    const interpreter = absent && frozen ? await interpreterOfEntry(rest, cache) : undefined;
    if (!interpreter) throw error;
    return { ...rest, interpreter };
  }
}

async function compileOnce(spec: Spec, origin: Origin, options: Settled): Promise<Compiled> {
  const start = performance.now();
  const { cache, frozen, gguf, remote = process.env.PAW_REMOTE } = options;
  if (frozen) return compiledOf(spec, await frozenProgram(spec, origin, options), start);
  const { onProgress, onWarning = () => {}, signal = new AbortController().signal } = options;
  const makeOptions = { ...(gguf !== undefined && { gguf }), ...(onProgress && { onProgress }), onWarning };
  // What makes programs is half a megabyte of code, which a build whose programs are all there does not load.
  const makeIt = async (signal: AbortSignal) => {
    const { make } = await import("./make.ts");
    return await make(spec, origin, { ...makeOptions, signal });
  };
  const obtained = await obtain(spec, origin, makeIt, {
    cache,
    remote: remote ? remoteOf(remote) : undefined,
    onWait: () => onProgress?.({ stage: "wait" }),
    onWarning,
    signal,
  });
  return compiledOf(spec, obtained, start);
}

async function frozenProgram(spec: Spec, origin: Origin, options: Settled): Promise<Obtained> {
  try {
    return await takeFrozen(spec, origin, options);
  } catch (error) {
    if (!(error instanceof MissingProgram)) throw error;
    throw new CompileError(error.code, error.message, error.hint, { file: spec.id, line: 1, column: 1 });
  }
}

function compiledOf(spec: Spec, obtained: Obtained, start: number): Compiled {
  const { metadata, results, seconds, path } = obtained;
  let program: Program | undefined;
  return {
    metadata,
    get program() {
      program ??= decodeProgram(obtained.weights);
      return program;
    },
    get weights() {
      return obtained.weights;
    },
    cached: seconds === undefined,
    seconds: seconds ?? (performance.now() - start) / 1000,
    report: testReport(spec, results),
    ...(path !== undefined && { path }),
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
