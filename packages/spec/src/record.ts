import { createHash } from "node:crypto";
import type { Contract } from "@unplugin-paw/program";
import { canonical } from "./canonical.ts";
import { type Problems, quote } from "./diagnostics.ts";
import type { PlacedPair } from "./items.ts";
import { parseJson } from "./json-text.ts";
import type { Description, Signature } from "./signature.ts";
import type { Source } from "./source.ts";
import { readInput, readOutput } from "./values.ts";

/** The file of the pairs that a teacher wrote for a spec: `tone.paw` has `tone.paw.pairs.jsonl` beside it. */
export function recordPath(spec: string): string {
  return `${spec}.pairs.jsonl`;
}

/** What a teacher is asked for. */
export interface Request {
  instructions: string;
  contract: Contract;
  descriptions?: readonly Description[];
}

/** A name for what was asked, 12 hex digits: another one means that the answers may no longer fit. */
export function requestDigest({ instructions, contract, descriptions = [] }: Request): string {
  return digest(["paw-request 1", instructions, canonical(contract), canonical(descriptions)]).slice(0, 12);
}

/**
 * The `teacher` field of a pair as it was written. It covers the pair: where a person has edited a line, the mark no
 * longer fits, and the pair is theirs.
 */
export function teacherMark(request: string, input: unknown, output: unknown): string {
  return `${request}.${digest([request, canonical(input), canonical(output)]).slice(0, 8)}`;
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** What a record holds for a spec. */
export interface Recorded {
  /** In the record's order. */
  pairs: PlacedPair[];
  /**
   * How many of the teacher's pairs were asked for by another request; those that no longer fit the types are not among
   * `pairs`.
   */
  outdated: number;
}

/**
 * Reads a record, a pair a line. A pair of the teacher's that no longer fits the types is left out (another one can be
 * asked for); one that a person wrote or edited is an error there, as in any data file.
 */
export function readRecord(source: Source, signature: Signature, request: string, problems: Problems): Recorded {
  const pairs: PlacedPair[] = [];
  let outdated = 0;
  for (let line = 1; line <= source.lineCount && !problems.full; line++) {
    const text = source.line(line);
    if (text.trim() === "") continue;
    const place = source.linePlace(line);
    const json = parseJson(text);
    if ("error" in json) {
      const at = source.lineStart(line) + json.error.offset;
      problems.error("data-json", source.place(at, at + 1), `Wrong JSON: ${json.error.message}.`, json.error.hint);
      continue;
    }
    const { value } = json;
    if (typeof value !== "object" || value === null || !("input" in value && "output" in value)) {
      const hint = 'A line of a record is {"input": ..., "output": ...}.';
      problems.error("data", place, `Expected an object with the keys input and output, found ${quote(value)}.`, hint);
      continue;
    }
    const mark = "teacher" in value && typeof value.teacher === "string" ? value.teacher : undefined;
    const asked = mark?.split(".")[0] ?? "";
    const isTaught = mark !== undefined && mark === teacherMark(asked, value.input, value.output);
    if (isTaught && asked !== request) outdated++;
    const input = readInput(value.input, signature);
    const output = readOutput(value.output, signature);
    if ("value" in input && "value" in output) {
      const pair = { section: "examples" as const, input: input.value as PlacedPair["input"], output: output.value };
      pairs.push({ ...pair, place, ...(isTaught && { by: "teacher" as const }) });
    } else if (!isTaught) {
      if (!("value" in input)) problems.error("input", place, input.message, input.hint);
      if (!("value" in output)) problems.error("output", place, output.message, output.hint);
    }
  }
  return { pairs, outdated };
}
