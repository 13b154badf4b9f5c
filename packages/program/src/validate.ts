import type { JsonSchema } from "./contract.ts";
import { isAnchored, patternOf } from "./pattern.ts";

/** Where a value does not fit a schema. */
export interface Misfit {
  /**
   * Keys and indexes that lead there, to a field that is missing or has no business there, too; empty for the value
   * itself.
   */
  path: (string | number)[];
  /** The keyword that it breaks: `required` for what is missing, `additionalProperties` for an unknown field. */
  keyword: string;
  /** What should be there; of an unknown field, what should be around it. */
  schema: JsonSchema;
  /** What is there; undefined where it is missing. */
  value: unknown;
}

/** The keywords of JSON Schema (2020-12) that specs' types and our own files need. */
const KEYWORDS = new Set(
  "$schema description type const enum format minLength pattern minimum maximum items minItems maxItems properties required additionalProperties anyOf".split(
    " ",
  ),
);

const checked = new WeakSet<JsonSchema>();

/**
 * Checks a JSON value against a JSON Schema. Examples of a spec, inputs and answers of a program and the metadata of a
 * file all go through this. (Our own: a library was slow where a spec has 100,000 examples, and says what is wrong in a
 * sentence only.)
 *
 * @returns the first misfit, an unknown field before all others; undefined where the value fits. A schema with a
 *   keyword that is not among those above fits nothing: the misfit's keyword is `schema` then.
 * @example
 * misfit({ stars: "3" }, { type: "object", properties: { stars: { type: "number" } } }); // { path: ["stars"], keyword: "type", ... }
 */
export function misfit(value: unknown, schema: JsonSchema): Misfit | undefined {
  const broken = (keyword: string): Misfit => ({ path: [], keyword, schema, value });
  if (!checked.has(schema)) {
    // (Values that are compared are no objects: then no value is equal to another one.)
    const compared = [schema.const, ...((schema.enum as unknown[] | undefined) ?? [])];
    if (!Object.keys(schema).every((keyword) => KEYWORDS.has(keyword)) || compared.some(isObject))
      return broken("schema");
    checked.add(schema);
  }
  const { type, anyOf } = schema as { type?: string | string[]; anyOf?: JsonSchema[] };
  if (type !== undefined && !(Array.isArray(type) ? type : [type]).some((one) => isOfType(value, one)))
    return broken("type");
  if ("const" in schema && value !== schema.const) return broken("const");
  if (schema.enum !== undefined && !(schema.enum as unknown[]).includes(value)) return broken("enum");
  const scalar =
    typeof value === "string" ? ofText(value, schema) : typeof value === "number" ? ofNumber(value, schema) : undefined;
  if (scalar) return broken(scalar);
  if (Array.isArray(value)) {
    if (value.length < ((schema.minItems as number) ?? 0)) return broken("minItems");
    if (value.length > ((schema.maxItems as number) ?? Number.POSITIVE_INFINITY)) return broken("maxItems");
  }
  const inside = Array.isArray(value) ? ofItems(value, schema) : isObject(value) ? ofFields(value, schema) : undefined;
  if (inside || anyOf === undefined) return inside;
  const misfits: Misfit[] = [];
  for (const member of anyOf) {
    const found = misfit(value, member);
    if (!found) return undefined;
    if (isMeant(value, member)) misfits.push(found);
  }
  // Where one member is meant, what keeps the value from being that says more than all that it could be.
  return misfits.length === 1 ? misfits[0] : broken("anyOf");
}

function ofText(value: string, { minLength, pattern, format }: JsonSchema): string | undefined {
  // A character is a code point.
  if (minLength !== undefined && [...value].length < (minLength as number)) return "minLength";
  if (pattern !== undefined && !matches(pattern as string, value)) return "pattern";
  return format === "date" && !isDate(value) ? "format" : undefined;
}

/** (What a spec's type has is anchored, and matched in time that no text can stretch.) */
function matches(pattern: string, value: string): boolean {
  return isAnchored(pattern) ? patternOf(pattern).matches(value) : new RegExp(pattern, "u").test(value);
}

function ofNumber(value: number, { minimum, maximum }: JsonSchema): string | undefined {
  if (minimum !== undefined && value < (minimum as number)) return "minimum";
  return maximum !== undefined && value > (maximum as number) ? "maximum" : undefined;
}

function ofItems(value: readonly unknown[], { items }: JsonSchema): Misfit | undefined {
  let first: Misfit | undefined;
  for (const [index, item] of value.entries()) {
    const found = items === undefined ? undefined : misfit(item, items as JsonSchema);
    if (found) first = more(first, found, index);
  }
  return first;
}

function ofFields(value: Record<string, unknown>, schema: JsonSchema): Misfit | undefined {
  const {
    properties = {},
    required = [],
    additionalProperties = true,
  } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
    additionalProperties?: boolean | JsonSchema;
  };
  let first: Misfit | undefined;
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(properties, name) || additionalProperties === true) continue;
    const found =
      additionalProperties === false
        ? { path: [], keyword: "additionalProperties", schema, value: value[name] }
        : misfit(value[name], additionalProperties);
    if (found) first = more(first, found, name);
  }
  for (const [name, field] of Object.entries(properties)) {
    const found = Object.hasOwn(value, name) ? misfit(value[name], field) : undefined;
    if (found) first = more(first, found, name);
    else if (!Object.hasOwn(value, name) && required.includes(name)) first = more(first, missing(field), name);
  }
  for (const name of required) {
    if (!Object.hasOwn(properties, name) && !Object.hasOwn(value, name)) first = more(first, missing({}), name);
  }
  return first;
}

const missing = (schema: JsonSchema): Misfit => ({ path: [], keyword: "required", schema, value: undefined });

/** Of two misfits the one to be told: the first, but a wrong name before the field that is missing for it. */
function more(first: Misfit | undefined, found: Misfit, key: string | number): Misfit {
  const isUnknown = (one: Misfit) => one.keyword === "additionalProperties";
  if (first && (isUnknown(first) || !isUnknown(found))) return first;
  return { ...found, path: [key, ...found.path] };
}

/** Whether a value is a try at a member of a union: it is of its kind, and of its constants. */
function isMeant(value: unknown, { type, const: constant, format, properties }: JsonSchema): boolean {
  if (constant !== undefined) return typeof value === typeof constant;
  if (format !== undefined) return typeof value === "string";
  if (typeof type !== "string" || !isOfType(value, type)) return false;
  const constants = Object.entries((properties ?? {}) as Record<string, JsonSchema>).filter(
    ([, one]) => "const" in one,
  );
  return constants.every(([name, one]) => (value as Record<string, unknown>)[name] === one.const);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  // JSON cannot carry an infinite number.
  return type === typeOf(value) && (type !== "number" || Number.isFinite(value));
}

/** The type of a value in the words of JSON Schema. */
export function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** True for a day of the calendar in ISO 8601: `2026-11-24`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** A misfit as people read it: the place (`a.b`, empty for the value itself) and what is wrong there. */
export function describeMisfit({ path, keyword, schema, value }: Misfit): { path: string; message: string } {
  const at = (keys: readonly (string | number)[]) => keys.join(".");
  if (keyword === "required") {
    return { path: at(path.slice(0, -1)), message: `lacks the field ${JSON.stringify(path.at(-1))}` };
  }
  return { path: at(path), message: sentence(keyword, schema, value) };
}

function sentence(keyword: string, schema: JsonSchema, value: unknown): string {
  const limit = schema[keyword];
  switch (keyword) {
    case "schema":
      return `cannot be checked (its schema has an unknown keyword: ${Object.keys(schema).find((one) => !KEYWORDS.has(one))})`;
    case "additionalProperties":
      return "is not a known field";
    case "type":
      return `is of type ${typeOf(value)}, expected ${[limit].flat().join(" or ")}`;
    case "const":
      return `is not ${JSON.stringify(limit)}`;
    case "enum":
      return `is none of ${brief(limit as unknown[])}`;
    case "format":
      return `is not a ${limit} (YYYY-MM-DD)`;
    case "anyOf":
      return `is of type ${typeOf(value)}, which is none of the types that it may have`;
    case "minLength":
    case "minItems":
      return "is too short";
    case "maxItems":
      return "is too long";
    case "pattern":
      return `does not match ${limit}`;
    default:
      return `is ${value}, which is beyond the ${keyword} of ${limit}`;
  }
}

function brief(values: readonly unknown[]): string {
  const shown = values.slice(0, 8).map((value) => JSON.stringify(value).slice(0, 30));
  return shown.join(", ") + (values.length > 8 ? `, and ${values.length - 8} more` : "");
}
