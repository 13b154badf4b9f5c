import { existsSync } from "node:fs";
import { withLock } from "@unplugin-paw/disk";
import { outputLabels, outputSchema } from "@unplugin-paw/program";
import type { Pair, Spec } from "@unplugin-paw/spec";
import {
  type Answered,
  authorOf,
  finish,
  type Line,
  partialPath,
  readLines,
  recordPath,
  requestDigest,
  taughtLine,
  usualPairs,
  writeLines,
} from "@unplugin-paw/spec/record";
import { nearCopies } from "@unplugin-paw/spec/similar";
import { type Answerer, answerInputs, judgeInputs, type Outputs } from "./answers.ts";
import { type Ask, asking } from "./ask.ts";
import { Budget, estimateUsage, type Limits, type Price, type Usage } from "./budget.ts";
import { describe } from "./describe.ts";
import { TeacherError } from "./errors.ts";
import { type Accepts, type Written, writeInputs } from "./inputs.ts";
import type { TeacherModel } from "./model.ts";
import { openTeacher, type Teacher } from "./open.ts";
import { planKinds } from "./plan.ts";
import { judgeOf } from "./rank.ts";
import { realInputs } from "./real-inputs.ts";
import { reviewPairs } from "./review.ts";
import { fits, readInput, readOutput } from "./values.ts";

/** How a teacher is used. */
export interface TeachOptions {
  /** Pairs that a spec should have, its own examples included. Default 64. */
  pairs?: number;
  /** Of a GGUF there are none unless they are given. */
  limits?: Limits;
  /** Of a million tokens: then `usage` has the cost. */
  price?: Price;
  /**
   * Real inputs without answers: these are answered before others are invented. Default: those of the spec's `inputs`.
   */
  inputs?: readonly unknown[];
  /**
   * How sure a program is of each input, 0 to 1. With it, more inputs are written than are answered: those that it is
   * least sure of, from which it has most to learn.
   */
  certainty?: Certainty;
  /** The longest that one request may take, milliseconds. Default two minutes; of a GGUF there is no such limit. */
  patience?: number;
  /** How often a request is sent again after a failure that may pass. Default 4. */
  retries?: number;
  /** Told once, where another process writes this record. */
  onWait?: () => void;
  /** Told what it will take, roughly, before anything is asked; not called where nothing is. */
  onStart?: (estimate: Usage) => void;
  onProgress?: (progress: { pairs: number; wanted: number; usage: Usage }) => void;
  signal?: AbortSignal;
}

/** How sure a program is of its answer to each input, 0 to 1. */
export type Certainty = (inputs: readonly Pair["input"][]) => Promise<readonly number[]>;

/** What a teacher did. */
export interface Taught {
  /** The record. */
  path: string;
  /** Pairs of the teacher's in it. */
  pairs: number;
  /** Real inputs that the function does not take. */
  refused: number;
  usage: Usage;
}

/** Pairs that are written together. */
const BATCH = 8;
/** Kinds of input that are planned. */
const KINDS = 12;
/** Kinds whose inputs are written together where the least certain ones are chosen. */
const POOL = 3;
/** Rounds that may be lost one after the other, to a refusal or to answers that never agree. */
const LOST = 4;

/**
 * Has a teacher write the pairs that a spec lacks, into the record beside it (`x.paw.pairs.jsonl`). Lines that people
 * wrote or edited stay. Pairs that were asked for with other instructions are answered again, and others are written
 * only where some are missing. What a run that ended early has written is used by the next one.
 *
 * @param spec read from a file
 * @throws {TeacherError} the teacher cannot go on
 * @throws {DiskError} the record cannot be written
 * @throws the signal's reason
 * @example
 * const { pairs, usage } = await teach(spec, openai("gpt-5-mini"), { limits: { tokens: 100_000 } });
 */
export async function teach(spec: Spec, teacher: Teacher, options: TeachOptions = {}): Promise<Taught> {
  const { signal = new AbortController().signal, patience = 120_000, retries = 4 } = options;
  const isSmall = runsHere(teacher);
  // What runs on this machine costs time only, of which its user sees the end.
  const free = { calls: Number.POSITIVE_INFINITY, tokens: Number.POSITIVE_INFINITY };
  const budget = new Budget(isSmall ? { ...free, ...options.limits } : options.limits, options.price);
  signal.throwIfAborted();
  const waiting = () => options.onWait?.();
  return await withLock(recordPath(spec.id), signal, waiting, async (signal) => {
    // Another process may have written all that is missing, while this one waited.
    let opened: Promise<TeacherModel> | undefined;
    const open = () => {
      opened ??= openTeacher(teacher, { patience, retries });
      return opened;
    };
    try {
      const ask = asking(open, budget, describe(spec), signal);
      const { contract } = spec;
      const outputs: Outputs = { schema: outputSchema(contract), read: (value) => readOutput(contract, value) };
      // A server is asked for several answers at once, as each request has its price; a small model answers the second
      // of a list like the first.
      const atOnce = isSmall ? 1 : BATCH;
      let judge: ReturnType<typeof judgeOf>;
      const answer: Answerer = async (inputs) => {
        if (inputs.length === 0) return [];
        judge ??= judgeOf(spec, await open(), budget, signal);
        return await (judge ? judgeInputs(judge, inputs, outputs) : answerInputs(ask, inputs, outputs, atOnce));
      };
      const work = { ask, answer, outputs, budget, isSmall };
      const { lines, refused } = await writePairs(spec, work, { ...options, signal });
      const request = requestDigest(spec);
      const pairs = lines.filter((line) => authorOf(line, request) === "teacher").length;
      return { path: recordPath(spec.id), pairs, refused, usage: budget.used };
    } finally {
      await opened?.then(
        (model) => model.close(),
        () => {},
      );
    }
  });
}

/** A model on this machine is a small one. */
function runsHere(teacher: Teacher): boolean {
  return typeof teacher === "object" && teacher !== null && "gguf" in teacher;
}

/** What writes and answers. */
interface Work {
  ask: Ask;
  answer: Answerer;
  outputs: Outputs;
  budget: Budget;
  /** Whether the model is a small one: each input is a question of its own, and it is not shown those that are there. */
  isSmall: boolean;
}

async function writePairs(
  spec: Spec,
  { ask, answer, outputs, budget, isSmall }: Work,
  options: TeachOptions,
): Promise<{ lines: Line[]; refused: number }> {
  const { contract, id, examples, tests } = spec;
  const { pairs: wanted = usualPairs, inputs: given = realInputs(spec), signal, onProgress } = options;
  const request = requestDigest(spec);
  const started = readLines(existsSync(partialPath(id)) ? partialPath(id) : recordPath(id));
  const lines = started.filter((line) => authorOf(line, request) !== "outdated");
  const accepts = (value: unknown) => readInput(contract, value);

  const text = (input: Pair["input"]) => (typeof input === "string" ? input : JSON.stringify(input));
  const isNear = nearCopies();
  const own = examples.filter(({ by }) => by !== "teacher");
  for (const { input } of [...own, ...tests, ...lines]) isNear(text(input));
  // (A person's lines of the record are among the examples already.)
  const taught = () => lines.filter((line) => authorOf(line, request) === "teacher");
  const count = () => own.length + taught().length;
  const keep = async (pairs: readonly Answered[]) => {
    lines.push(...pairs.map((pair) => taughtLine(request, pair)));
    await writeLines(partialPath(id), lines);
    onProgress?.({ pairs: count(), wanted, usage: budget.used });
  };
  onProgress?.({ pairs: count(), wanted, usage: budget.used });

  // What there is to answer comes first: inputs of pairs that were asked for otherwise, and real ones.
  const outdated = started.filter((line) => authorOf(line, request) === "outdated");
  const known = new Set([...own, ...tests, ...lines].map(({ input }) => text(input)));
  const real = given.map(accepts);
  const open = [...outdated.map(({ input }) => accepts(input)), ...real].filter((input) => input !== undefined);
  const fresh = open.filter((input) => !known.has(text(input)) && known.add(text(input)));
  const missing = Math.max(wanted - count(), fresh.length);
  if (missing > 0) options.onStart?.(estimateUsage(missing, options.price, isSmall ? BATCH : 0));
  for (let i = 0; i < fresh.length; i += BATCH) {
    const inputs = fresh.slice(i, i + BATCH).map((input) => ({ input }));
    await keep((await answer(inputs)).filter((pair) => fits(contract, pair)));
  }
  for (const input of fresh) isNear(text(input));

  const labels = outputLabels(contract) ?? [];
  const most = labels.length > 0 ? Math.max(2, Math.ceil((1.5 * wanted) / labels.length)) : wanted;
  const seen = (label: string) => [...own, ...taught()].filter(({ output }) => String(output) === label).length;
  let kinds: string[] = [];
  let lost = 0;
  while (count() < wanted) {
    signal?.throwIfAborted();
    if (kinds.length === 0) kinds = await planKinds(ask, spec, KINDS);
    const rare = labels.toSorted((a, b) => seen(a) - seen(b)).slice(0, BATCH);
    const found = await oneRound(ask, {
      spec,
      kinds: kinds.splice(0, options.certainty ? POOL : 1),
      labels: rare,
      // A small model that sees what is there copies it.
      known: isSmall ? [] : lines.slice(-BATCH).map(({ input }) => input),
      isNew: (input) => !isNear(text(input)),
      accepts,
      answer,
      outputs,
      certainty: options.certainty,
    });
    const room = new Map(labels.map((label) => [label, most - seen(label)]));
    const balanced = found.filter((pair) => {
      if (!fits(contract, pair)) return false;
      const { output } = pair;
      const left = room.get(String(output)) ?? 1;
      room.set(String(output), left - 1);
      return left > 0 || labels.length === 0;
    });
    await keep(balanced.slice(0, wanted - count()));
    lost = balanced.length > 0 ? 0 : lost + 1;
    if (lost >= LOST) {
      const hint =
        "Take a larger model, say in the instructions what decides, or write examples by hand: paw pairs add.";
      const message = `The teacher's last ${LOST * BATCH} inputs gave no pair: its answers differ, or repeat what is there.`;
      throw new TeacherError("ANSWER", message, hint);
    }
  }
  await finish(id, lines);
  return { lines, refused: real.filter((input) => input === undefined).length };
}

interface Round {
  spec: Spec;
  kinds: readonly string[];
  labels: readonly string[];
  known: readonly Pair["input"][];
  isNew: (input: Pair["input"]) => boolean;
  accepts: Accepts;
  answer: Answerer;
  outputs: Outputs;
  certainty: Certainty | undefined;
}

/** Inputs, written, answered and reviewed; none where the teacher refuses. */
async function oneRound(ask: Ask, round: Round): Promise<Answered[]> {
  const { spec, kinds, labels, known, isNew, accepts, answer, outputs, certainty } = round;
  try {
    const written: Written[] = [];
    for (const kind of kinds) {
      written.push(...(await writeInputs(ask, spec, { count: BATCH, kind, labels, known }, accepts)));
    }
    const fresh = written.filter(({ input }) => isNew(input));
    const chosen = certainty ? await leastCertain(fresh, certainty) : fresh;
    const answered = await answer(chosen.slice(0, BATCH));
    return await reviewPairs(ask, answered, outputs);
  } catch (error) {
    if (error instanceof TeacherError && error.code === "ANSWER") return [];
    throw error;
  }
}

/** Those first that a program is least sure of. */
async function leastCertain(written: readonly Written[], certainty: Certainty): Promise<Written[]> {
  const sure = await certainty(written.map(({ input }) => input));
  const order = [...written.keys()].sort((a, b) => (sure[a] as number) - (sure[b] as number));
  return order.map((i) => written[i] as Written);
}
