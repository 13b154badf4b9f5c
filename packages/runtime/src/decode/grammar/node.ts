import { isAnchored, type JsonSchema, type Pattern, PatternError, patternOf } from "@unplugin-paw/program";
import type { NumeralForm } from "./range.ts";

/**
 * A place in the text of a value, before what comes next. Nodes of a schema are a finite graph: what follows each is
 * fixed, and a list goes back to its own node after each item.
 */
export type Node = Literal | Fork | Words | Body | Patterned | Numeral | DateNode | End;

/** Text without a choice. */
interface Literal {
  kind: "literal";
  text: string;
  to: Node;
}

/** One of several ways to go on. */
interface Fork {
  kind: "fork";
  members: readonly Node[];
}

/** One of several texts, such as labels. */
export interface Words {
  kind: "words";
  texts: readonly string[];
  to: Node;
}

/** What stands between the quotes of a JSON string. */
export interface Body {
  kind: "body";
  to: Node;
}

/** A text that matches a pattern, with or without quotes around it. */
export interface Patterned {
  kind: "pattern";
  pattern: Pattern;
  to: Node;
}

/** A number as JavaScript writes it. */
export interface Numeral extends NumeralForm {
  kind: "number";
  to: Node;
}

/** A day of the calendar: `2026-11-24`. */
export interface DateNode {
  kind: "date";
  to: Node;
}

interface End {
  kind: "end";
}

export const END: End = { kind: "end" };

/** Text, and the choice that it leads to. */
export interface Option {
  text: string;
  to: Exclude<Node, Literal>;
}

/**
 * The ways on from a node up to the next choice of another kind. Texts that follow each other are one: tokens go over
 * their borders. A list that would be gone through a second time is where a way ends, too.
 */
export function optionsOf(node: Node, text = "", seen: readonly Node[] = []): Option[] {
  if (node.kind === "literal") return optionsOf(node.to, text + node.text, seen);
  if (node.kind !== "fork" || seen.includes(node)) return [{ text, to: node }];
  return node.members.flatMap((member) => optionsOf(member, text, [...seen, node]));
}

/** The keywords that are understood; of a schema with others nothing is promised. */
const KEYWORDS = new Set(
  "$schema description type const enum format pattern minimum maximum items properties required additionalProperties anyOf".split(
    " ",
  ),
);

/**
 * The graph of all texts of a schema's values, as `JSON.stringify` writes them, fields in the schema's order; undefined
 * where the schema has a keyword that is none of those above.
 *
 * @param to what follows the value
 */
export function schemaNode(schema: JsonSchema, to: Node): Node | undefined {
  try {
    return valueNode(schema, to);
  } catch (error) {
    if (error instanceof UnknownKeyword || error instanceof PatternError) return undefined;
    throw error;
  }
}

class UnknownKeyword extends Error {}

function valueNode(schema: JsonSchema, to: Node): Node {
  for (const keyword of Object.keys(schema)) if (!KEYWORDS.has(keyword)) throw new UnknownKeyword(keyword);
  const { type, anyOf, format, pattern, items } = schema as {
    type?: string | string[];
    anyOf?: JsonSchema[];
    format?: string;
    pattern?: string;
    items?: JsonSchema;
  };
  if ("const" in schema) return constants([schema.const], to);
  if (schema.enum !== undefined) return constants(schema.enum as unknown[], to);
  if (anyOf) return fork(anyOf.map((member) => valueNode(member, to)));
  if (Array.isArray(type)) return fork(type.map((one) => valueNode({ ...schema, type: one }, to)));
  switch (type) {
    case "string":
      if (format !== undefined && format !== "date") throw new UnknownKeyword(format);
      if (pattern !== undefined) {
        if (format || !isAnchored(pattern)) throw new UnknownKeyword("pattern");
        return quoted((close): Node => ({ kind: "pattern", pattern: patternOf(pattern), to: close }), to);
      }
      return quoted((close): Node => ({ kind: format ? "date" : "body", to: close }), to);
    case "number":
    case "integer":
      return { kind: "number", isInteger: type === "integer", ...boundsOf(schema), to };
    case "boolean":
      return { kind: "words", texts: ["true", "false"], to };
    case "null":
      return literal("null", to);
    case "array":
      if (!items) throw new UnknownKeyword("array");
      return listNode(items, to);
    case "object":
      return objectNode(schema, to);
    default:
      throw new UnknownKeyword("type");
  }
}

function boundsOf({ minimum, maximum }: JsonSchema): Pick<NumeralForm, "minimum" | "maximum"> {
  return {
    ...(minimum !== undefined && { minimum: minimum as number }),
    ...(maximum !== undefined && { maximum: maximum as number }),
  };
}

/** One of some values; of texts their quotes are not part of the choice. */
function constants(values: readonly unknown[], to: Node): Node {
  const inner = (value: string) => JSON.stringify(value).slice(1, -1);
  const texts = values.flatMap((value) => (typeof value === "string" ? inner(value) : []));
  const others = values.flatMap((value) => (typeof value === "string" ? [] : JSON.stringify(value)));
  return fork([
    ...(texts.length > 0 ? [quoted((close) => words(texts, close), to)] : []),
    ...(others.length > 0 ? [words(others, to)] : []),
  ]);
}

function listNode(items: JsonSchema, to: Node): Node {
  const members: Node[] = [literal("]", to)];
  const tail: Fork = { kind: "fork", members };
  const item = valueNode(items, tail);
  members.push(literal(",", item));
  return literal("[", fork([literal("]", to), item]));
}

function objectNode(schema: JsonSchema, to: Node): Node {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  const fields = Object.entries(properties);
  /** What may follow when the fields before `i` are written. */
  const known = new Map<string, Node>();
  const from = (i: number, isFirst: boolean): Node => {
    const key = `${i} ${isFirst}`;
    const before = known.get(key);
    if (before) return before;
    const made = make(i, isFirst);
    known.set(key, made);
    return made;
  };
  const make = (i: number, isFirst: boolean): Node => {
    const [name, field] = fields[i] ?? [];
    if (name === undefined || !field) return literal("}", to);
    const value = valueNode(field, from(i + 1, false));
    const here = literal(`${isFirst ? "" : ","}${JSON.stringify(name)}:`, value);
    return required.includes(name) ? here : fork([here, from(i + 1, isFirst)]);
  };
  return literal("{", from(0, true));
}

function quoted(inner: (close: Node) => Node, to: Node): Node {
  return literal('"', inner(literal('"', to)));
}

function words(texts: readonly string[], to: Node): Node {
  return texts.length === 1 ? literal(texts[0] as string, to) : { kind: "words", texts, to };
}

function literal(text: string, to: Node): Node {
  return { kind: "literal", text, to };
}

function fork(members: readonly Node[]): Node {
  return members.length === 1 ? (members[0] as Node) : { kind: "fork", members };
}
