import { readFileSync } from "node:fs";
import { outputLabels } from "@unplugin-paw/program";
import type { Spec } from "@unplugin-paw/spec";
import {
  authorOf,
  canonical,
  type Line,
  partialPath,
  readLines,
  readPair,
  recordPath,
  requestDigest,
  taughtLine,
  textLines,
  writeLines,
} from "@unplugin-paw/spec/record";
import { type CompilerFlags, compileSpec, loadSpec, ungated } from "../compiler.ts";
import { UsageError } from "../errors.ts";
import { namedFile, namedKind } from "../files.ts";
import { readInputs } from "../inputs.ts";
import { brief, note, print } from "../output.ts";
import { configured, type TeacherFlags, teachSpec } from "../teacher.ts";

/** `paw pairs list`: the lines of a spec's record, with their numbers and authors. */
export async function listPairs(file: string, { json }: { json?: boolean }): Promise<number> {
  const { spec, lines } = open(file);
  const request = requestDigest(spec);
  for (const [i, line] of lines.entries()) {
    const { input, output } = line;
    const by = authorOf(line, request);
    if (json) print(JSON.stringify({ line: i + 1, by, input, output }));
    else print(`${String(i + 1).padStart(4)}  ${by.padEnd(8)}  ${brief(input, 90)} => ${brief(output, 60)}`);
  }
  if (lines.length === 0) note(`${recordPath(file)} has no pairs.`);
  return 0;
}

/** `paw pairs add`: a pair by hand. */
export async function addPair(file: string, flags: { input: string; output: string }): Promise<number> {
  const { spec, lines } = open(file);
  const [given] = await readInputs(spec.contract, { input: flags.input }, new AbortController().signal);
  const read = readPair(spec, given, flags.output);
  if ("message" in read) throw new UsageError(read.message, read.hint);
  const known = lines.findIndex(({ input }) => canonical(input) === canonical(read.input));
  if (known >= 0)
    throw new UsageError(`That input is in line ${known + 1} already.`, "Edit it there, or drop it first.");
  await writeLines(recordPath(file), [...lines, read]);
  return 0;
}

/** `paw pairs drop`: removes lines by their numbers. */
export async function dropPairs(file: string, numbers: string[]): Promise<number> {
  const { lines } = open(file);
  const dropped = numbers.map((number) => {
    if (/^\d+$/.test(number) && lines[Number(number) - 1]) return Number(number) - 1;
    throw new UsageError(`${recordPath(file)} has no line ${number}; it has ${lines.length}.`);
  });
  await writeLines(
    recordPath(file),
    lines.filter((_, i) => !dropped.includes(i)),
  );
  return 0;
}

/** `paw pairs keep`: pairs that were asked for with other instructions are still right. */
export async function keepPairs(file: string): Promise<number> {
  const { spec, lines } = open(file);
  const request = requestDigest(spec);
  const kept = lines.map((line): Line => (authorOf(line, request) === "outdated" ? taughtLine(request, line) : line));
  await writeLines(recordPath(file), kept);
  return 0;
}

/** `paw pairs label`: the teacher answers real inputs, a line of the file each. */
export async function labelInputs(
  file: string,
  inputs: string,
  flags: TeacherFlags,
  signal: AbortSignal,
): Promise<number> {
  const { spec } = open(file, flags);
  namedFile(inputs);
  const given = /\.(jsonl|ndjson)$/.test(inputs)
    ? await readInputs(spec.contract, { inputFile: inputs }, signal)
    : textLines(readFileSync(inputs, "utf8"));
  if (given.length === 0) throw new UsageError(`${inputs} has no input.`, "A text file has an input a line.");
  await teachSpec(spec, await configured(flags), { inputs: given, pairs: 0 }, signal);
  return 0;
}

/** `paw pairs regenerate`: asks for what is missing, and again for what was asked for with other instructions. */
export async function regeneratePairs(
  file: string,
  flags: TeacherFlags & { all?: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { spec, lines } = open(file, flags);
  const config = await configured(flags);
  if (flags.all && config.teacher) {
    // Where a record grows: the old one is there until the new one is whole.
    const request = requestDigest(spec);
    const own = lines.filter((line) => authorOf(line, request) === "person");
    await writeLines(partialPath(file), own);
  }
  await teachSpec(spec, config, {}, signal);
  return 0;
}

/** Pairs that `paw pairs sharpen` adds. */
const SHARPENED = 16;

/**
 * `paw pairs sharpen`: compiles what there is, and has the teacher answer new inputs of which the program is least sure (active learning).
 */
export async function sharpenPairs(
  file: string,
  flags: TeacherFlags & CompilerFlags & { count?: string },
  signal: AbortSignal,
): Promise<number> {
  const { spec } = open(file, flags);
  const count = Number(flags.count ?? SHARPENED);
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--count is ${flags.count}, not a number from 1.`);
  if (!outputLabels(spec.contract)) {
    const hint = "Of other functions it is not known how sure they are. Ask for more pairs: paw pairs regenerate.";
    throw new UsageError(`${file} returns no labels.`, hint);
  }
  const config = await configured(flags);
  const { program } = await compileSpec(ungated(spec), flags, signal);
  // What the other commands need not wait for.
  const { answerAll } = await import("@unplugin-paw/runtime/decode");
  const { sharedEngine } = await import("@unplugin-paw/runtime/engine");
  const engine = await sharedEngine({ id: program.interpreter.id }, { signal });
  const certainty = async (inputs: readonly unknown[]) => {
    const found = await answerAll(engine, program, inputs, signal);
    // What it cannot read at all is nothing to learn from.
    return found.map((one) => (one.error ? 1 : (one.classification?.probability ?? 1)));
  };
  await teachSpec(spec, config, { pairs: spec.examples.length + count, certainty }, signal);
  return 0;
}

function open(file: string, flags: { allowOutside?: boolean } = {}): { spec: Spec; lines: Line[] } {
  namedKind(file, ".paw");
  const spec = loadSpec(file, flags);
  if (!spec) throw new UsageError(`${file} has errors.`, "Mend what is said above first.");
  return { spec, lines: readLines(recordPath(file)) };
}
