import {
  isDate,
  isQuote,
  type JsonSchema,
  misfit,
  NOTHING,
  typeOf,
  type Misfit as ValueMisfit,
} from "@unplugin-paw/program";
import { isCollection, isScalar, type Node } from "yaml";
import { didYouMean, quote } from "./diagnostics.ts";
import { parseJson } from "./json-text.ts";
import { inexact, isExact } from "./number.ts";
import type { Signature } from "./signature.ts";
import { isNumeric, membersOf } from "./union.ts";
import type { Field, Shape } from "./value-type.ts";
import { type Block, textOf } from "./yaml.ts";

/** A value of the function's types, or what is wrong with it. */
export type Reading = { value: unknown } | Misfit;

export interface Misfit {
  message: string;
  hint?: string;
  /** Where in the value it is. */
  path?: (string | number)[];
  /** The path's last key is what is wrong, not the value behind it. */
  key?: true;
}

const WRITE_JSON = 'Write JSON, such as [1, 2] or {"name": "Ann"}.';

/** Reads an output written as text: after `=>`, or in a cell of a CSV file. */
export function readOutputText(text: string, signature: Signature): Reading {
  const { output } = signature.contract;
  const kind = output.kind === "json" && isNumeric(output.schema) ? "number" : output.kind;
  switch (kind) {
    case "number":
      if (!/^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text)) {
        return { message: `${quote(text)} is not a number.`, hint: "Write a decimal number such as 12.5." };
      }
      return isExact(text) ? readOutput(Number(text), signature) : inexact(text);
    case "boolean":
      return readOutput(text === "true" ? true : text === "false" ? false : text, signature);
    case "json":
      return readJson(text, "output", (value) => readOutput(value, signature));
    case "quote":
      return readOutput(["null", NOTHING].includes(text) ? null : text, signature);
    default:
      return readOutput(text, signature);
  }
}

/** Reads JSON text. */
export function readJson(text: string, what: string, read: (value: unknown) => Reading): Reading {
  const json = parseJson(text);
  if ("error" in json)
    return { message: `The ${what} ${quote(text)} is not JSON: ${json.error.message}.`, hint: WRITE_JSON };
  return read(json.value);
}

/** Checks an output that is data already: from YAML or JSON. */
export function readOutput(value: unknown, signature: Signature): Reading {
  const { output } = signature.contract;
  switch (output.kind) {
    case "labels": {
      const label = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
      if (typeof label === "string" && output.labels.includes(label)) return { value: label };
      const some = output.labels.slice(0, 12).map(quote).join(", ") + (output.labels.length > 12 ? ", ..." : "");
      const hint = didYouMean(
        typeof label === "string" ? label : "",
        output.labels,
        `The labels are ${some}.`,
      ) as string;
      return { message: `${quote(value)} is not one of the labels.`, hint };
    }
    case "boolean":
      if (typeof value === "boolean") return { value };
      return { message: `${quote(value)} is not a boolean.`, hint: "Write true or false." };
    case "number":
      if (typeof value === "number" && Number.isFinite(value)) return { value };
      return {
        message: `${quote(value)} is not a number.`,
        hint: "Write a decimal number such as 12.5, without quotes.",
      };
    case "date":
      if (typeof value === "string" && isDate(value)) return { value };
      return { message: `${quote(value)} is not a date.`, hint: "Write a day of the calendar as 2026-11-24." };
    case "string":
      if (typeof value === "string")
        return output.pattern === undefined ? { value } : check(value, signature.output, "output");
      return {
        message: `${quote(value)} is not a text.`,
        hint: "Put a text that looks like something else in quotes.",
      };
    case "quote":
      if (isQuote(value)) return { value: value?.trim() ?? null };
      return {
        message: `${quote(value)} is no part of a text.`,
        hint: "Write words of the input as they stand there, or null where there is nothing to quote.",
      };
    case "json":
      return check(value, signature.output, "output");
  }
}

/** Checks an input that is data already. */
export function readInput(value: unknown, signature: Signature): Reading {
  if (signature.input) return check(value, signature.input, "input");
  if (typeof value === "string") return { value };
  return {
    message: `The input must be a text, found ${quote(value)}.`,
    hint: "For an object, name its fields under the key `input`.",
  };
}

/**
 * The value of a YAML node for a given type: where a text or a label is wanted, a scalar is the text that it is written
 * with, so that
 * `output: 1.0` or `stars: 5` need no quotes.
 *
 * @param shape absent where one text is wanted
 */
export function nodeValue(node: Node, block: Block, shape: Shape | undefined): unknown {
  if (shape?.word === "quote" && isScalar(node)) return node.value === null ? null : textOf(node);
  const isOneText = shape === undefined || shape.labels || shape.word === "string" || shape.word === "date";
  if (isOneText && isScalar(node)) return textOf(node);
  return shape ? withLabels(block.value(node), shape, node) : block.value(node);
}

/** A value with numbers, `true` and `false` as texts where they stand for labels: `stars: [1, 2, 3]`. */
function withLabels(value: unknown, shape: Shape, node?: unknown): unknown {
  if (shape.labels) {
    const text = isScalar(node) && node.type === "PLAIN" ? textOf(node) : String(value);
    return (value === null || typeof value !== "object") && shape.labels.includes(text) ? text : value;
  }
  const part = (key: string | number): unknown => (isCollection(node) ? node.get(key, true) : undefined);
  if (shape.items && Array.isArray(value)) {
    const { items } = shape;
    return value.map((item, index) => withLabels(item, items, part(index)));
  }
  if (!shape.fields || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const fields = value as Record<string, unknown>;
  for (const field of reaching(shape.fields)) {
    const { name } = field;
    if (Object.hasOwn(fields, name)) fields[name] = withLabels(fields[name], field.shape, part(name));
  }
  return fields;
}

const reaching = (fields: readonly Field[]): Field[] =>
  fields.filter(({ shape }) => shape.labels || shape.items || shape.fields);

/** True where an output is a plain text. */
export function isText(signature: Signature): boolean {
  return ["labels", "string", "quote", "date"].includes(signature.contract.output.kind);
}

function check(value: unknown, shape: Shape, what: string): Reading {
  const labelled = withLabels(value, shape);
  const wrong = misfit(labelled, shape.schema);
  if (!wrong) return { value: labelled };
  const { path, keyword } = wrong;
  const front = "Its type is what the front matter says.";
  if (keyword !== "additionalProperties") {
    const message = `The ${what} does not fit its type: ${requirement(wrong).slice(0, 300)}.`;
    const quotes = keyword === "type" && wrong.schema.type === "string";
    return { message, path, hint: quotes ? "Put a text that looks like something else in quotes." : front };
  }
  const name = String(path.at(-1));
  const names = shape.fields?.map((field) => field.name) ?? [];
  const hint = path.length === 1 ? didYouMean(name, names, `The fields are ${names.join(", ")}.`) : front;
  return { message: `The ${what} has an unknown field ${quote(name)}.`, path, key: true, ...(hint ? { hint } : {}) };
}

/** What a value must be and what it is: `tags[1] must be a string (was a number)`. */
function requirement({ path, keyword, schema, value }: ValueMisfit): string {
  const place = path.map((key, index) => {
    if (typeof key === "number") return index === 0 ? `value at [${key}]` : `[${key}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `[${JSON.stringify(key)}]`;
    return index === 0 ? key : `.${key}`;
  });
  const isInfinite = typeof value === "number" && !Number.isFinite(value) && isNumeric(schema);
  const wanted = keyword === "format" ? DATE : isInfinite ? "a finite number" : inWords(schema);
  // What is of the right kind, or of a kind with few values, says more than its kind.
  const isShown = keyword !== "type" || typeof value === "boolean" || (typeof value === "number" && isNumeric(schema));
  const isPlain = typeof value !== "object" || value === null;
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  const found = isShown && isPlain ? shown : KINDS[typeOf(value)];
  return `${path.length > 0 ? `${place.join("")} ` : ""}must be ${wanted} (was ${keyword === "required" ? "missing" : found})`;
}

const DATE = "a date such as 2026-11-24";
const KINDS: Record<string, string> = {
  ...{ string: "a string", number: "a number", integer: "a whole number", boolean: "a boolean" },
  ...{ array: "an array", object: "an object", null: "null" },
};

function rangeInWords({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined) return maximum === undefined ? "" : ` of at most ${maximum}`;
  return maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum} to ${maximum}`;
}

/** What a type is, as the end of "must be". */
function inWords(schema: JsonSchema): string {
  const all = membersOf(schema);
  const members = all.map((one) => {
    if ("const" in one) return JSON.stringify(one.const);
    const each = all.length > 1 && one.type === "array" ? ` (each ${inWords(one.items as JsonSchema)})` : "";
    if (one.pattern !== undefined) return `a string that matches ${one.pattern}`;
    return one.format === undefined ? `${KINDS[String(one.type)]}${rangeInWords(one)}${each}` : DATE;
  });
  return members.length > 1 ? `${members.slice(0, -1).join(", ")} or ${members.at(-1)}` : `${members[0]}`;
}
