import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "@unplugin-paw/program";
import { type as arktype, scope, type Type } from "arktype";
import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { didYouMean, nearest, type Problems, quote } from "./diagnostics.ts";
import type { Place } from "./source.ts";
import { type Block, describe, entries, isEmpty, textOf } from "./yaml.ts";

/** A type that a spec names: how ArkType checks it, and its JSON Schema (with fields and labels in the order written). */
export interface Shape {
  /** (Not as ArkType's own type, whose declarations would come with ours.) */
  check: (value: unknown) => unknown;
  schema: JsonSchema;
  /** A closed set of labels. */
  labels?: string[];
  /** Where each label is written. */
  labelPlaces?: Place[];
  /** A lone word such as `number`. */
  word?: Word;
  /** The fields of an object. */
  fields?: Field[];
}

export interface Field {
  name: string;
  optional: boolean;
  shape: Shape;
  keyPlace: Place;
  /** Place of its type. */
  place: Place;
}

type Word = keyof typeof WORDS;

/** The words of a type and what each is in our ArkType scope. Every other ArkType keyword stays out of reach. */
const WORDS = { string: "string", number: "finite", boolean: "boolean", date: "date" } as const;

/** The JSON Schema of a lone word. */
const WORD_SCHEMAS: Record<Word, JsonSchema> = {
  string: { type: "string" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  date: { type: "string", format: "date" },
};

/** What people write for those words in other languages. */
const SYNONYMS = new Map<string, Word>(
  Object.entries({
    str: "string",
    text: "string",
    int: "number",
    integer: "number",
    float: "number",
    double: "number",
    bool: "boolean",
    datetime: "date",
  }),
);

const MAX_LABELS = 1000;
const MAX_FIELDS = 100;
const MAX_DEPTH = 8;
const MAX_EXPRESSION = 1000;
const HELP =
  "A type is a list of labels such as [positive, negative], a map of fields, or made of string, number, boolean, date, " +
  '"quoted labels", `|`, `[]` and parentheses.';

const types = scope({
  // JSON cannot carry an infinite number.
  finite: arktype("number").narrow((value, context) => Number.isFinite(value) || context.mustBe("a finite number")),
  date: arktype("string").narrow((value, context) => isDate(value) || context.mustBe("a date such as 2026-11-24")),
});
const parseType = types.type as unknown as (definition: unknown) => Type;

/** True for a day of the calendar in ISO 8601: `2026-11-24`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Reads a type out of the front matter; undefined where it is wrong (the problems say why). */
export function readShape(
  node: Node | null,
  place: Place,
  block: Block,
  problems: Problems,
  depth = 0,
): Shape | undefined {
  if (depth > MAX_DEPTH) {
    problems.error("type", place, `This type is nested more than ${MAX_DEPTH} deep.`);
    return undefined;
  }
  if (isSeq(node)) return readLabels(node, place, block, problems);
  if (isMap(node)) return readFields(node, place, block, problems, depth);
  if (isEmpty(node) || !isScalar(node) || typeof node.value !== "string") {
    problems.error("type", place, `Expected a type, found ${describe(node)}.`, HELP);
    return undefined;
  }
  return readExpression(node.value, place, problems);
}

function readLabels(list: YAMLSeq, place: Place, block: Block, problems: Problems): Shape | undefined {
  const labels: [string, Place][] = [];
  for (const item of list.items as (Node | null)[]) {
    const at = item === null ? place : block.place(item);
    if (item !== null && !isScalar(item)) {
      problems.error("label", at, `A label must be a text, found ${describe(item)}.`);
      return undefined;
    }
    labels.push([item === null ? "" : textOf(item), at]);
  }
  return labelShape(labels, place, problems);
}

function labelShape(labels: [string, Place][], place: Place, problems: Problems): Shape | undefined {
  const known = new Set<string>();
  let good = true;
  const refuse = (code: string, at: Place, message: string, hint?: string): void => {
    problems.error(code, at, message, hint);
    good = false;
  };
  for (const [label, at] of labels) {
    if (label.trim() === "") refuse("label", at, "A label is empty.", "Give every label a name.");
    else if (label !== label.trim()) {
      refuse("label", at, `The label ${quote(label)} has white space at an end.`, `Write ${quote(label.trim())}.`);
    } else if (/\p{Cc}/u.test(label)) refuse("label", at, `The label ${quote(label)} has a control character in it.`);
    else if (known.has(label))
      refuse("duplicate-label", at, `The label ${quote(label)} is given twice.`, "Remove one of them.");
    known.add(label);
  }
  if (!good || labels.length > MAX_LABELS || known.size < 2) {
    if (labels.length > MAX_LABELS)
      refuse("labels", place, `${labels.length} labels are more than the limit of ${MAX_LABELS}.`);
    else if (good) refuse("labels", place, `A choice needs at least two labels, found ${known.size}.`);
    return undefined;
  }
  const list = [...known];
  const check = arktype.enumerated(...list) as unknown as Shape["check"];
  return { check, schema: { enum: list }, labels: list, labelPlaces: labels.map(([, at]) => at) };
}

function readFields(map: YAMLMap, place: Place, block: Block, problems: Problems, depth: number): Shape | undefined {
  const list = entries(map, block, problems);
  if (list.length === 0 || list.length > MAX_FIELDS) {
    const message = list.length === 0 ? "An object needs at least one field." : `More than ${MAX_FIELDS} fields.`;
    problems.error("type", place, message, list.length === 0 ? HELP : undefined);
    return undefined;
  }
  const fields: Field[] = [];
  const names = new Set<string>();
  for (const entry of list) {
    const optional = entry.key.endsWith("?");
    const name = optional ? entry.key.slice(0, -1) : entry.key;
    // ArkType reads other keys (`...`, `+`, `[string]`) as syntax, and these three names are traps of JavaScript.
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name) || ["__proto__", "constructor", "prototype"].includes(name)) {
      const hint = "Letters, digits, `_`, `-` and `$`; a `?` at the end makes the field optional.";
      problems.error("field-name", entry.keyPlace, `${quote(entry.key)} cannot be the name of a field.`, hint);
    } else if (names.has(name)) {
      problems.error(
        "duplicate-key",
        entry.keyPlace,
        `The field ${quote(name)} is given twice.`,
        "Remove one of them.",
      );
    } else {
      names.add(name);
      const shape = readShape(entry.value, entry.place, block, problems, depth + 1);
      if (shape) fields.push({ name, optional, shape, keyPlace: entry.keyPlace, place: entry.place });
    }
  }
  if (fields.length !== map.items.length) return undefined;
  const definition = Object.fromEntries(
    fields.map((field) => [field.name + (field.optional ? "?" : ""), field.shape.check]),
  );
  const schema = {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, field.shape.schema])),
    required: fields.filter((field) => !field.optional).map((field) => field.name),
    additionalProperties: false,
  };
  return { check: parseType({ ...definition, "+": "reject" }), schema, fields };
}

const TOKEN = /\s*(?:([\p{L}_][\p{L}\p{N}_.-]*)|("[^"\\]*"|'[^'\\]*')|(\[\]|[|()]))/uy;

/** Parses a type expression: our own words and punctuation only, then ArkType. */
function readExpression(expression: string, place: Place, problems: Problems): Shape | undefined {
  // Where the value is written without escapes, a part of it can be pointed at.
  const written = place.source.text.indexOf(expression, place.start);
  const exact = written >= 0 && written + expression.length <= place.end;
  const part = (from: number, to: number): Place => (exact ? place.source.place(written + from, written + to) : place);

  if (expression.length > MAX_EXPRESSION) {
    problems.error("type", place, `This type is longer than ${MAX_EXPRESSION} characters.`);
    return undefined;
  }
  const code: string[] = [];
  const literals: [string, Place][] = [];
  let at = 0;
  while (at < expression.trimEnd().length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    const start = at + (/^\s*/.exec(expression.slice(at))?.[0].length ?? 0);
    if (!match) {
      problems.error("type", part(start, start + 1), `${quote(expression[start])} is not part of a type.`, HELP);
      return undefined;
    }
    at = TOKEN.lastIndex;
    const [, word, literal, punctuation] = match;
    if (word !== undefined && !Object.hasOwn(WORDS, word)) {
      problems.error("unknown-type", part(start, at), `There is no type ${quote(word)}.`, wordHint(word, expression));
      return undefined;
    }
    if (literal !== undefined) literals.push([literal.slice(1, -1), part(start, at)]);
    code.push(word === undefined ? ((literal ?? punctuation) as string) : WORDS[word as Word]);
  }
  if (code.filter((token) => token === "[]").length > MAX_DEPTH) {
    problems.error("type", place, `This type is nested more than ${MAX_DEPTH} deep.`);
    return undefined;
  }
  let check: Type;
  try {
    check = parseType(code.join(""));
  } catch (error) {
    problems.error("type", place, `This is not a type: ${(error as Error).message.trim()}.`, HELP);
    return undefined;
  }
  // ArkType sorts a union of labels, and their order is the author's.
  if (code.every((token) => /^["'|()]/.test(token))) return labelShape(literals, place, problems);
  const { $schema: _, ...schema } = check.toJsonSchema({
    fallback: { predicate: ({ base }) => printNarrowed(base as JsonSchema) },
  });
  const word = (Object.keys(WORDS) as Word[]).find((name) => isDeepStrictEqual(schema, WORD_SCHEMAS[name]));
  return { check, schema, ...(word ? { word } : {}) };
}

/** JSON Schema has a word for dates; the finiteness of numbers goes without saying in JSON. */
function printNarrowed(base: JsonSchema): JsonSchema {
  return base.type === "string" ? { ...base, format: "date" } : base;
}

function wordHint(word: string, expression: string): string {
  if (/^[^"'()[\]]*\|[^"'()[\]]*$/.test(expression) && nearest(word, Object.keys(WORDS)) === undefined) {
    const labels = expression.split("|").map((label) => label.trim());
    return `For a choice of labels write a list: [${labels.join(", ")}].`;
  }
  const synonym = SYNONYMS.get(word.toLowerCase());
  if (synonym) return `Write \`${synonym}\`.`;
  return didYouMean(word, Object.keys(WORDS), HELP) as string;
}
