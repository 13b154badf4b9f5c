import { anchored, type JsonSchema, outputSchema, PatternError, patternOf } from "@unplugin-paw/program";
import { didYouMean, nearest, type Problems, quote } from "./diagnostics.ts";
import { type Label, labelShape } from "./labels.ts";
import type { Place } from "./source.ts";
import { membersOf, unionOf } from "./union.ts";
import type { Shape } from "./value-type.ts";

/** The words of a type; `null` is an alternative only: `string | null`. */
const WORDS = {
  string: { type: "string" },
  number: { type: "number" },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  date: { type: "string", format: "date" },
  null: { type: "null" },
} as const;

type Word = keyof typeof WORDS;

/** A part of the input, or null: a return type, which no type is made of. */
export const QUOTE = "quote";
export const quoteShape: Shape = { schema: outputSchema({ output: { kind: QUOTE } }), word: QUOTE };

/** What people write for those words in other languages. */
const SYNONYMS = new Map<string, Word>(
  Object.entries({
    str: "string",
    text: "string",
    int: "integer",
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
  "A type is a list of labels such as [positive, negative], a map of fields, a list of one map, quote, or made of string, number, integer, boolean, " +
  'date, integer 1..5, number 0..1, string /[A-Z]{3}/, null, "quoted labels", `|`, `[]` and parentheses.';

export const NOT_NULL_ALONE =
  "Name a type beside it, such as `string | null`. A label that is called null stands in a list: [yes, null].";

const TOKEN =
  /\s*(?:([\p{L}_][\p{L}\p{N}_.-]*)|("[^"\\]*"|'[^'\\]*')|(\[\]|[|()]|(?:-?\d+(?:\.\d+)?)?\.\.(?:-?\d+(?:\.\d+)?)?|\/(?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/))/uy;
const RANGE = /^(.*?)\.\.(.*)$/;

/** A word, a label in quotes, a range, a pattern, or a mark of a type expression. */
interface Token {
  text: string;
  label?: Label;
}

/** Reads a type expression. */
export function readExpression(expression: string, place: Place, problems: Problems): Shape | undefined {
  // Where the value is written without escapes, a part of it can be pointed at.
  const written = place.source.text.indexOf(expression, place.start);
  const exact = written >= 0 && written + expression.length <= place.end;
  const part = (from: number, to: number): Place => (exact ? place.source.place(written + from, written + to) : place);

  if (expression.length > MAX_EXPRESSION) {
    problems.error("type", place, `This type is longer than ${MAX_EXPRESSION} characters.`, HELP);
    return undefined;
  }
  const tokens: Token[] = [];
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
    const [, word, literal, mark] = match;
    if (word !== undefined && !Object.hasOwn(WORDS, word)) {
      problems.error("unknown-type", part(start, at), `There is no type ${quote(word)}.`, wordHint(word, expression));
      return undefined;
    }
    const label = literal !== undefined && { label: { text: literal.slice(1, -1), place: part(start, at) } };
    tokens.push({ text: (word ?? literal ?? mark) as string, ...label });
  }
  if (tokens.filter(({ text }) => text === "[]").length > MAX_DEPTH) {
    problems.error("type", place, `This type is nested more than ${MAX_DEPTH} deep.`, "Return a flatter value.");
    return undefined;
  }
  const labels = tokens.flatMap(({ label }) => label ?? []);
  const words = tokens.flatMap(({ text, label }) => (label || !Object.hasOwn(WORDS, text) ? [] : [text as Word]));
  if (words.includes("null") && words.every((word) => word === "null") && labels.length === 0) {
    problems.error("type", place, "A type cannot be null alone.", NOT_NULL_ALONE);
    return undefined;
  }
  const schema = new Descent(tokens).whole();
  if (typeof schema === "string") {
    problems.error("type", place, `This is not a type: ${schema}.`, HELP);
    return undefined;
  }
  const isArray = tokens.some(({ text }) => text === "[]");
  // Of a choice of labels alone the order is the author's: it is that of the probabilities.
  if (words.length === 0 && !isArray) return labelShape(labels, place, problems);
  const hasRange = schema.minimum !== undefined || schema.maximum !== undefined;
  const word = (["string", "number", "boolean", "date"] as const).find(
    (name) =>
      !hasRange && schema.type === WORDS[name].type && schema.format === ("format" in WORDS[name] ? "date" : undefined),
  );
  const labelsOrNull = labels.length > 0 && !isArray && words.every((word) => word === "null");
  return { schema, ...(word && { word }), ...(labelsOrNull && { labelsOrNull }) };
}

/**
 * Recursive descent over `union = part ("|" part)*` and
 * `part = (word range? | "string" pattern | label | "(" union ")") "[]"*`.
 */
class Descent {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The schema of all tokens, or what is wrong with them. */
  whole(): JsonSchema | string {
    const schema = this.#union();
    if (typeof schema === "string" || !this.#next) return schema;
    return this.#next.text === ")" ? "Unmatched )" : `${quote(this.#next.text)} is not allowed here`;
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #union(): JsonSchema | string {
    const members: JsonSchema[] = [];
    do {
      const part = this.#part();
      if (typeof part === "string") return part;
      members.push(...membersOf(part));
    } while (this.#take("|"));
    return unionOf(members);
  }

  #part(): JsonSchema | string {
    let schema = this.#single();
    while (typeof schema !== "string" && this.#take("[]")) schema = { type: "array", items: schema };
    return schema;
  }

  #single(): JsonSchema | string {
    const token = this.#next;
    if (token?.label) {
      this.#at++;
      return { const: token.label.text };
    }
    if (token && Object.hasOwn(WORDS, token.text)) {
      this.#at++;
      return this.#next?.text.startsWith("/") ? this.#patterned(token.text as Word) : this.#inRange(token.text as Word);
    }
    if (token?.text.startsWith("/")) return `a pattern stands behind string, as in string ${token.text}`;
    if (token && RANGE.test(token.text)) return `a range stands behind its type, as in integer ${token.text}`;
    if (this.#take("(")) {
      const inner = this.#union();
      return typeof inner === "string" || this.#take(")") ? inner : "Missing )";
    }
    const rest = this.#tokens.slice(this.#at).map(({ text }) => text);
    const before = rest.length === 0 ? "" : ` before '${rest.join(" ")}'`;
    const isOperand = this.#tokens[this.#at - 1]?.text === "|";
    return `${isOperand ? "Token '|' requires a right operand" : "Expected an expression"}${before}`;
  }

  /** The schema of texts that match the pattern behind the word. */
  #patterned(word: Word): JsonSchema | string {
    const written = (this.#next as Token).text;
    this.#at++;
    if (word !== "string") return `a pattern goes with string, not with ${word}`;
    const pattern = anchored(written.slice(1, -1));
    try {
      patternOf(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      return `in the pattern ${written} ${error.message}`;
    }
    return { ...WORDS.string, pattern };
  }

  /** The schema of a word and the range behind it. */
  #inRange(word: Word): JsonSchema | string {
    const range = this.#next?.label ? undefined : this.#next?.text;
    const [, from, to] = RANGE.exec(range ?? "") ?? [];
    if (from === undefined || to === undefined) return { ...WORDS[word] };
    this.#at++;
    if (word !== "number" && word !== "integer") return `a range goes with number or integer, not with ${word}`;
    if (from === "" && to === "") return "a range has a number on one side of .. at least";
    const bounds = { ...(from && { minimum: Number(from) }), ...(to && { maximum: Number(to) }) };
    if (from && to && Number(from) >= Number(to)) return `${range} is no range: the smaller number comes first`;
    if (word === "integer" && Object.values(bounds).some((bound) => !Number.isInteger(bound))) {
      return `an integer cannot be as much as ${range}: write whole numbers`;
    }
    return { ...WORDS[word], ...bounds };
  }

  #take(text: string): boolean {
    const token = this.#next;
    const found = token !== undefined && !token.label && token.text === text;
    if (found) this.#at++;
    return found;
  }
}

function wordHint(word: string, expression: string): string {
  if (word === QUOTE) {
    return "A quote is all that a function returns: `returns: quote`, which is null where there is nothing to quote. Elsewhere write `string | null`.";
  }
  const synonym = SYNONYMS.get(word.toLowerCase());
  if (synonym) return `Write \`${synonym}\`.`;
  if (/^[^"'()[\]]*\|[^"'()[\]]*$/.test(expression) && nearest(word, Object.keys(WORDS)) === undefined) {
    const labels = expression.split("|").map((label) => label.trim());
    return `For a choice of labels write a list: [${labels.join(", ")}].`;
  }
  return didYouMean(word, Object.keys(WORDS), HELP) as string;
}
