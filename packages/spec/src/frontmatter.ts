import type { Contract } from "@unplugin-paw/program";
import { isMap, isScalar } from "yaml";
import { didYouMean, type Problems, quote } from "./diagnostics.ts";
import { QUOTE, quoteShape } from "./expression.ts";
import { readShape } from "./shape-reader.ts";
import { inputContract, outputContract, type Signature } from "./signature.ts";
import type { Place, Source } from "./source.ts";
import type { Shape } from "./value-type.ts";
import { type Block, describe, type Entry, entries, parseBlock, textOf } from "./yaml.ts";

/** What the front matter says; `signature` is absent where `returns` or `input` is wrong. */
export interface FrontMatter {
  signature?: Signature;
  accuracy?: Setting<number>;
  interpreter?: string;
  /** A file of real inputs without answers, as it is written. */
  inputs?: Setting<string>;
  /** The line that closes the front matter. */
  closing: Place;
  /** Offset of the first character behind that line. */
  bodyStart: number;
}

interface Setting<T> {
  value: T;
  place: Place;
}

const KEYS = ["returns", "input", "accuracy", "interpreter", "abstain", "inputs"];
/** Of a file of real inputs: a text a line, or a JSON value a line. */
const INPUT_FILES = /\.(txt|jsonl|ndjson)$/i;
const START =
  "Begin the file with front matter:\n\n---\nreturns: [positive, negative]\n---\nWhat the function does, in plain English.";

/** Reads the YAML between the two `---` lines; undefined where there is none. */
export function readFrontMatter(source: Source, problems: Problems): FrontMatter | undefined {
  const opening = source.linePlace(1);
  if (source.text.trim() === "") {
    problems.error("empty", source.place(0), "This spec is empty.", START);
    return undefined;
  }
  if (source.line(1).trimEnd() !== "---") {
    problems.error(
      "no-front-matter",
      opening,
      "The first line must be `---`: a spec begins with its front matter.",
      START,
    );
    return undefined;
  }
  let last = 2;
  while (last <= source.lineCount && source.line(last).trimEnd() !== "---") last++;
  if (last > source.lineCount) {
    const hint = "Write a line with `---` between the front matter and the instructions.";
    problems.error("front-matter-open", opening, "The front matter that begins here is never closed.", hint);
    return undefined;
  }
  const closing = source.linePlace(last);
  const frontMatter: FrontMatter = { closing, bodyStart: source.lineStart(last + 1) };
  const block = parseBlock(source, source.lineStart(2), source.lineStart(last));
  if ("root" in block) readKeys(block, frontMatter, opening, problems);
  else problems.add(block);
  return frontMatter;
}

function readKeys(block: Block, result: FrontMatter, opening: Place, problems: Problems): void {
  const found = new Map<string, Entry>();
  if (block.root !== null && !isMap(block.root)) {
    const message = `The front matter must be a map of keys, found ${describe(block.root)}.`;
    problems.error("front-matter", block.place(block.root), message, "Write lines such as `returns: boolean`.");
    return;
  }
  for (const entry of block.root === null ? [] : entries(block.root, block, problems)) {
    if (KEYS.includes(entry.key)) found.set(entry.key, entry);
    else {
      const hint = didYouMean(entry.key, KEYS, `The keys are ${KEYS.join(", ")}.`);
      problems.error("unknown-key", entry.keyPlace, `There is no key ${quote(entry.key)}.`, hint);
    }
  }

  const returns = found.get("returns");
  const input = found.get("input");
  if (!returns) {
    const hint = "Say what the function returns, such as `returns: [positive, negative]` or `returns: string`.";
    problems.error("no-returns", opening, "The front matter lacks the key `returns`.", hint);
  }
  const isQuote = returns && isScalar(returns.value) && returns.value.value === QUOTE;
  const output = isQuote ? quoteShape : returns && readShape(returns.value, returns.place, block, problems);
  const taken = input && readShape(input.value, input.place, block, problems);
  const goodInput = input ? taken && isInput(taken, input, problems) : true;
  const accuracy = readShare(found.get("accuracy"), problems);
  if (accuracy) result.accuracy = accuracy;
  const abstain = readAbstain(found.get("abstain"), block, problems);
  const inputs = readInputsFile(found.get("inputs"), problems);
  if (inputs) result.inputs = inputs;
  const interpreter = found.get("interpreter");
  if (interpreter) {
    const { value } = interpreter;
    if (isScalar(value) && typeof value.value === "string" && value.value.trim())
      result.interpreter = textOf(value).trim();
    else
      problems.error(
        "wrong-type",
        interpreter.place,
        `\`interpreter\` must be the id of an interpreter, found ${describe(value)}.`,
        "Write its id, or remove the key: the default is the one that this version knows best.",
      );
  }
  if (output?.labelsOrNull) {
    const hint =
      'Add a label for it, such as "none"; or set `abstain: 0.5`, which answers null where no label is that probable.';
    problems.error("type", (returns as Entry).place, "null is no label that can be chosen.", hint);
    return;
  }
  if (!output) return;
  if (abstain && !output.labels && output.word !== "boolean") {
    const hint = "Only a function that returns a list of labels or a boolean can abstain. Remove the key.";
    problems.error(
      "abstain",
      (found.get("abstain") as Entry).keyPlace,
      "`abstain` does not go with this return type.",
      hint,
    );
  }
  if (!goodInput) return;
  if (isQuote && input) {
    const hint = "Give the function one text: remove the key `input`, or return `string | null`.";
    problems.error("type", (returns as Entry).place, "A quote is a part of one text, and the input has fields.", hint);
    return;
  }
  const fields = taken?.fields ? taken : undefined;
  const contract = {
    input: inputContract(fields),
    output: outputContract(output),
    ...(abstain ? { abstain: abstain.value } : {}),
  };
  result.signature = { contract, output, ...(fields ? { input: fields } : {}) };
}

/** The name of a file of inputs. */
function readInputsFile(entry: Entry | undefined, problems: Problems): Setting<string> | undefined {
  if (!entry) return undefined;
  const { value, place } = entry;
  if (isScalar(value) && typeof value.value === "string" && INPUT_FILES.test(value.value)) {
    return { value: value.value, place };
  }
  const message = `\`inputs\` must be a file of inputs without answers, found ${describe(value)}.`;
  const hint = "Name a .txt file with a text a line, or a .jsonl file with a JSON value a line: `inputs: ./mails.txt`.";
  problems.error("wrong-type", place, message, hint);
  return undefined;
}

/** A function takes one text or one object. */
function isInput(shape: Shape, entry: Entry, problems: Problems): boolean {
  if (shape.fields || (shape.word === "string" && shape.schema.pattern === undefined)) return true;
  const hint = "Write `input: string` (or leave it out), or a map such as\n\ninput:\n  title: string\n  stars: number";
  problems.error("wrong-type", entry.place, "A function takes one text or one object.", hint);
  return false;
}

/** The least probability of an answer, or what share of the answers is to be right. */
function readAbstain(
  entry: Entry | undefined,
  block: Block,
  problems: Problems,
): Setting<NonNullable<Contract["abstain"]>> | undefined {
  if (!entry || !isMap(entry.value)) return readShare(entry, problems);
  const parts = entries(entry.value, block, problems);
  if (parts.length === 0) {
    const hint = "Write `abstain: { precision: 0.95 }`, or a probability such as `abstain: 0.5`.";
    problems.error("wrong-type", entry.place, "`abstain` says nothing.", hint);
  }
  let precision: Setting<number> | undefined;
  for (const part of parts) {
    if (part.key === "precision") precision = readShare(part, problems);
    else {
      const hint = didYouMean(part.key, ["precision"], "Write `abstain: { precision: 0.95 }`, or a probability.");
      problems.error("unknown-key", part.keyPlace, `\`abstain\` has no key ${quote(part.key)}.`, hint);
    }
  }
  return precision && { value: { precision: precision.value }, place: entry.place };
}

/** A number from 0 to 1. */
function readShare(entry: Entry | undefined, problems: Problems): Setting<number> | undefined {
  if (!entry) return undefined;
  const { key, value, place } = entry;
  if (isScalar(value) && typeof value.value === "number" && value.value >= 0 && value.value <= 1) {
    return { value: value.value, place };
  }
  const percent = isScalar(value) ? Number(/^(\d+(?:\.\d+)?)\s*%?$/.exec(textOf(value))?.[1]) : Number.NaN;
  const share = percent >= 2 && percent <= 100 ? Number((percent / 100).toPrecision(6)) : "0.85, for example";
  const message = `\`${key}\` must be a number from 0 to 1, found ${describe(value)}.`;
  problems.error("wrong-type", place, message, `Write ${key}: ${share}.`);
  return undefined;
}
