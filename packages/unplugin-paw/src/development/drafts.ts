import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accuracyError,
  type Compiled,
  type CompileOptions,
  type CompileProgress,
  compile,
  compileInBackground,
  findProgram,
} from "@unplugin-paw/compiler";
import type { Spec } from "@unplugin-paw/spec";
import { printable } from "@unplugin-paw/spec/printable";
import { compiledLine, draftLine, type Progress, trainedLine } from "../log.ts";
import { compileReport } from "../reports.ts";
import { type Training, Trainings } from "./trainings.ts";

/** Where development reports to; nothing of it is part of a load. */
export interface Listener {
  /** Loads a spec's modules again: a better program is in the cache. */
  reload(spec: string): void;
  /** One line for the developer. */
  info(message: string): void;
  warn(message: string): void;
  /** Undefined where the user asked for silence. */
  progress(): Progress | undefined;
}

/** What a developer's compile is made with; the effort is that of the trained program. */
export type DraftOptions = CompileOptions &
  Required<Pick<CompileOptions, "cache" | "effort">> & {
    /** Folder of what nobody wants to keep: `cache` may be committed. Default: `cache`. */
    draftCache?: string;
  };

/**
 * The programs of a developer who edits: each spec answers at once, by its trained program where the cache has it, by a
 * draft otherwise. Then it is trained in a process of its own, one spec after the other, the last edit first.
 */
export class Drafts {
  readonly #listener: Listener;
  readonly #drafting = new Set<Pick<Training, "spec" | "abort">>();
  readonly #trainings = new Trainings((training) => this.#run(training));
  /** What was said, which is not repeated. */
  readonly #said = new Set<string>();
  #temporary: string | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /**
   * The program that can be had at once. A score below the spec's `accuracy` is a warning.
   *
   * @throws what `compile` throws
   */
  async program(spec: Spec, { draftCache, ...asked }: DraftOptions): Promise<Compiled> {
    const onWarning = (message: string) => this.#listener.warn(printable(message, "\n"));
    const given = { onWarning, ...asked };
    const found = await findProgram(spec, given);
    if (found) return this.#judged(spec, found);
    const options = { ...given, cache: this.#folder(given.cache) };
    const trained = options.cache === given.cache ? undefined : await findProgram(spec, options);
    if (trained) return this.#judged(spec, trained);

    const progress = this.#listener.progress();
    const onProgress = (event: CompileProgress) => progress?.update(spec.id, event);
    const work = { spec, abort: new AbortController() };
    this.#drafting.add(work);
    const wanted = options.effort === "draft" || given.cache === false;
    const cache = !wanted && draftCache !== undefined && isWritable(draftCache) ? draftCache : options.cache;
    const drafting = compile(spec, { ...options, cache, effort: "draft", gate: false, remote: false, onProgress });
    const draft = await drafting.finally(() => {
      progress?.clear();
      this.#drafting.delete(work);
    });
    if (options.effort !== "draft") this.#train({ ...work, options, draft });
    else {
      if (!draft.cached) this.#once("info", compiledLine(spec.id, draft));
      this.#judged(spec, draft);
    }
    return draft;
  }

  /** A file was changed or removed: training what it said is in vain. */
  edited(file: string): void {
    for (const { spec, abort } of [...this.#drafting, ...this.#trainings.all]) {
      if (spec.id === file || spec.dataFiles.includes(file)) abort.abort();
    }
  }

  /** Ends the training, and removes what is there only as long as the server runs. */
  close(): void {
    for (const { abort } of [...this.#drafting, ...this.#trainings.all]) abort.abort();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
    this.#temporary = undefined;
  }

  #train(training: Training): void {
    const { spec, draft } = training;
    if (!this.#trainings.add(training)) return;
    this.#listener.info(draftLine(spec.id, draft, accuracyError(spec, draft.report) !== undefined));
  }

  async #run({ spec, options, draft, abort: { signal } }: Training): Promise<void> {
    const listener = this.#listener;
    const progress = listener.progress();
    const onProgress = (event: CompileProgress) => {
      if (!signal.aborted) progress?.update(spec.id, event);
    };
    try {
      const trained = await compileInBackground(spec, { ...options, signal, onProgress });
      if (signal.aborted) return;
      progress?.clear();
      // First the swap: a dev server may wipe the screen to report it.
      listener.reload(spec.id);
      listener.info(trainedLine(spec.id, trained, draft));
      this.#judged(spec, trained);
    } catch (error) {
      if (signal.aborted) return;
      const { message } = compileReport(error, spec.id);
      listener.warn(`The training failed; the draft goes on answering. ${message}`);
      throw error;
    } finally {
      progress?.clear();
    }
  }

  /** Warns where the tests score below what the spec asks for. */
  #judged(spec: Spec, compiled: Compiled): Compiled {
    const missed = accuracyError(spec, compiled.report);
    if (missed) {
      const { message, frame } = compileReport(missed, spec.id);
      this.#once("warn", `${message}\n${frame}`);
    }
    return compiled;
  }

  /** However many environments load a spec. */
  #once(level: "info" | "warn", message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#listener[level](message);
  }

  /**
   * Where a program can travel from the other process to this one: the cache, or a folder for as long as the server
   * runs.
   */
  #folder(cache: string | false): string {
    if (cache !== false && isWritable(cache)) return cache;
    this.#temporary ??= mkdtempSync(join(tmpdir(), "unplugin-paw-"));
    return this.#temporary;
  }
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
