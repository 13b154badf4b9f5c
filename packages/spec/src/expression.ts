import { isDeepStrictEqual } from "node:util";
import type { JsonSchema } from "@unplugin-paw/program";
import { type as arktype, scope } from "arktype";
import { didYouMean, nearest, type Problems, quote } from "./diagnostics.ts";
import { type Label, labelShape } from "./labels.ts";
import type { Place } from "./source.ts";
import type { Shape } from "./types.ts";

export type Word = keyof typeof WORDS;

/** The words of a type and what each is in our ArkType scope. Every other ArkType keyword stays out of reach. */
const WORDS = { string: "string", number: "finite", boolean: "boolean", date: "date" } as const;
/** With the one that is an alternative only: `string | null`. */
const ALL_WORDS = { ...WORDS, null: "null" } as const;

/** The JSON Schema of a lone word. */
const WORD_SCHEMAS: Record<Word, JsonSchema> = {
  string: { type: "string" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  date: { type: "string", format: "date" },
};

/** What people write for those words in other languages. */
const SYNONYMS = new Map<string, keyof typeof ALL_WORDS>(
  Object.entries({
    str: "string",
    text: "string",
    int: "number",
    integer: "number",
    float: "number",
    double: "number",
    bool: "boolean",
    datetime: "date",
    undefined: "null",
    none: "null",
    nil: "null",
  }),
);

/** How deep arrays and maps may be nested in a type. */
export const MAX_DEPTH = 8;
const MAX_EXPRESSION = 1000;
export const HELP: string =
  "A type is a list of labels such as [positive, negative], a map of fields, a list of one map, or made of string, number, boolean, " +
  'date, null, "quoted labels", `|`, `[]` and parentheses.';

export const NOT_NULL_ALONE =
  "Name a type beside it, such as `string | null`. A label that is called null stands in a list: [yes, null].";

const types = scope({
  // JSON cannot carry an infinite number.
  finite: arktype("number").narrow((value, context) => Number.isFinite(value) || context.mustBe("a finite number")),
  date: arktype("string").narrow((value, context) => isDate(value) || context.mustBe("a date such as 2026-11-24")),
});
/** A type as ArkType checks it. (Not its own type, whose declarations would come with ours.) */
interface Check {
  (value: unknown): unknown;
  toJsonSchema(options?: { fallback?: { predicate(context: { base: object }): object } }): JsonSchema;
}
export const parseType = types.type as unknown as (definition: unknown) => Check;

/** True for a day of the calendar in ISO 8601: `2026-11-24`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const TOKEN = /\s*(?:([\p{L}_][\p{L}\p{N}_.-]*)|("[^"\\]*"|'[^'\\]*')|(\[\]|[|()]))/uy;

/** Parses a type expression: our own words and punctuation only, then ArkType. */
export function readExpression(expression: string, place: Place, problems: Problems): Shape | undefined {
  // Where the value is written without escapes, a part of it can be pointed at.
  const written = place.source.text.indexOf(expression, place.start);
  const exact = written >= 0 && written + expression.length <= place.end;
  const part = (from: number, to: number): Place => (exact ? place.source.place(written + from, written + to) : place);

  if (expression.length > MAX_EXPRESSION) {
    problems.error("type", place, `This type is longer than ${MAX_EXPRESSION} characters.`, HELP);
    return undefined;
  }
  const code: string[] = [];
  const literals: Label[] = [];
  let at = 0;
  while (at < expression.trimEnd().length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(expression);
    const start = at + (/^\s*/.exec(expression.slice(at))?.[0].length ?? 0);
    if (!match) {
      const maybe =
        "For a value that may be missing write `string | null`; a field that may be missing is `name?: string`.";
      const hint = expression[start] === "?" ? maybe : HELP;
      problems.error("type", part(start, start + 1), `${quote(expression[start])} is not part of a type.`, hint);
      return undefined;
    }
    at = TOKEN.lastIndex;
    const [, word, literal, punctuation] = match;
    if (word !== undefined && !Object.hasOwn(ALL_WORDS, word)) {
      problems.error("unknown-type", part(start, at), `There is no type ${quote(word)}.`, wordHint(word, expression));
      return undefined;
    }
    if (literal !== undefined) literals.push({ text: literal.slice(1, -1), place: part(start, at) });
    code.push(word === undefined ? ((literal ?? punctuation) as string) : ALL_WORDS[word as keyof typeof ALL_WORDS]);
  }
  if (code.filter((token) => token === "[]").length > MAX_DEPTH) {
    problems.error("type", place, `This type is nested more than ${MAX_DEPTH} deep.`, "Return a flatter value.");
    return undefined;
  }
  if (code.includes("null") && !code.some((token) => /^[a-z"']/.test(token) && token !== "null")) {
    problems.error("type", place, "A type cannot be null alone.", NOT_NULL_ALONE);
    return undefined;
  }
  let check: Check;
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
  const closed = code.includes("null") && code.every((token) => /^["'|()]|^null$/.test(token));
  return { check, schema, ...(word ? { word } : {}), ...(closed && { labelsOrNull: true }) };
}

/** JSON Schema has a word for dates; the finiteness of numbers goes without saying in JSON. */
function printNarrowed(base: JsonSchema): JsonSchema {
  return base.type === "string" ? { ...base, format: "date" } : base;
}

function wordHint(word: string, expression: string): string {
  const synonym = SYNONYMS.get(word.toLowerCase());
  if (synonym) return `Write \`${synonym}\`.`;
  if (/^[^"'()[\]]*\|[^"'()[\]]*$/.test(expression) && nearest(word, Object.keys(ALL_WORDS)) === undefined) {
    const labels = expression.split("|").map((label) => label.trim());
    return `For a choice of labels write a list: [${labels.join(", ")}].`;
  }
  return didYouMean(word, Object.keys(ALL_WORDS), HELP) as string;
}
