import type { Contract, JsonSchema } from "./contract.ts";
import { InputError, type InputErrorCode, OutputError, type OutputErrorCode } from "./errors.ts";
import { checkDepth, parseJson } from "./json.ts";
import { patternOf } from "./pattern.ts";
import { describeMisfit, isDate, type Misfit, misfit, typeOf } from "./validate.ts";

/** (Each digit has one place in it: the time grows with the text, not with its square.) */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** What a model writes where it quotes nothing: a word that it knows better in this place than `null`. */
export const NOTHING = "none";

/** Whether a value can be a quote of some input: a text that says something, or null. */
export function isQuote(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && !["", NOTHING].includes(value.trim()));
}

/** Whether an output is a part of its input, or null. */
export function isQuoteOf(input: unknown, output: unknown): boolean {
  return output === null || quotedAt(String(input), String(output)) !== undefined;
}

/**
 * Where an input is quoted, as offsets of a JavaScript string; the first place where there are several, undefined where
 * the text is no part of it.
 *
 * @example
 * quotedAt("Yours, Ann Lee", "Ann Lee"); // { start: 7, end: 14 }
 */
export function quotedAt(input: string, text: string): { start: number; end: number } | undefined {
  const start = text === "" ? -1 : input.indexOf(text);
  return start < 0 ? undefined : { start, end: start + text.length };
}

/**
 * The text that a model reads for an input value: a string as it is; an object as `name: value` lines in the order of
 * the schema's fields (a string as it is, everything else as JSON). A field that is `undefined` counts as absent. Where
 * they cannot be part of the answer, blanks around a string are left out, and several spaces between words are one: a
 * line with its line break has the same label as without. (Those that a line begins with stay: they may say something.)
 *
 * @throws {InputError} when the value is not what the contract takes.
 * @example
 * ```ts
 * renderInput({ input: { kind: "string" }, output: { kind: "boolean" } }, "Is it late?"); // "Is it late?"
 * ```
 */
export function renderInput(contract: Contract, value: unknown): string {
  const { input, output } = contract;
  const isWritten = ["string", "quote", "json"].includes(output.kind);
  const text = (said: string) => (isWritten ? said : said.trim().replace(/(\S)[ \u00a0]{2,}(?=\S)/g, "$1 "));
  if (input.kind === "string") {
    if (typeof value === "string") return text(value);
    throw new InputError("type", `the input is of type ${typeOf(value)}, expected a string`);
  }
  const given = asJson(value);
  const problem = misfit(given, closed(input.schema));
  if (problem) throw new InputError(inputCode(problem), place(problem, "the input"));
  const fields = given as { [name: string]: unknown };
  const known = Object.keys(properties(input.schema));
  const names = [...known, ...Object.keys(fields).filter((name) => !known.includes(name))];
  return names
    .filter((name) => Object.hasOwn(fields, name))
    .map((name) => [name, fields[name]] as const)
    .map(([name, field]) => `${name}: ${typeof field === "string" ? text(field) : JSON.stringify(field)}`)
    .join("\n");
}

/**
 * The closed set of texts that an output can be, in the order of a program's bias and of every probability list;
 * undefined for outputs that are not a closed set.
 *
 * @example
 * ```ts
 * outputLabels({ input: { kind: "string" }, output: { kind: "boolean" } }); // ["true", "false"]
 * ```
 */
export function outputLabels(contract: Contract): string[] | undefined {
  const { output } = contract;
  if (output.kind === "labels") return output.labels;
  return output.kind === "boolean" ? ["true", "false"] : undefined;
}

/** The JSON Schema of what a contract returns. */
export function outputSchema({ output }: Pick<Contract, "output">): JsonSchema {
  switch (output.kind) {
    case "labels":
      return { enum: output.labels };
    case "json":
      return output.schema;
    case "date":
      return { type: "string", format: "date" };
    case "quote":
      return { type: ["string", "null"] };
    case "string":
      return { type: "string", ...(output.pattern !== undefined && { pattern: output.pattern }) };
    default:
      return { type: output.kind };
  }
}

/**
 * The text that a model writes for an output value: a label, `true` or `false`, a decimal number, an ISO date, a string
 * as it is, a part of the input or `null`, or compact JSON.
 *
 * @throws {OutputError} when the value does not fit the contract; `raw` is the value as JSON.
 * @example
 * ```ts
 * renderOutput({ input: { kind: "string" }, output: { kind: "number" } }, 12.5); // "12.5"
 * ```
 */
export function renderOutput(contract: Contract, value: unknown): string {
  const { output } = contract;
  const refuse = (code: OutputErrorCode, expected: string) =>
    new OutputError(
      code,
      JSON.stringify(value) ?? String(value),
      `the output is of type ${typeOf(value)}, ${expected}`,
    );
  switch (output.kind) {
    case "boolean":
      if (typeof value !== "boolean") throw refuse("boolean", "expected true or false");
      return String(value);
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) throw refuse("number", "expected a finite number");
      return String(value);
    case "quote":
      if (!isQuote(value)) throw refuse("quote", "expected a part of the input, or null");
      return value?.trim() ?? NOTHING;
    case "json": {
      const given = JSON.stringify(value);
      if (given === undefined) throw refuse("json", "expected a JSON value");
      return JSON.stringify(inOrder(parseOutput(contract, given), output.schema));
    }
    default:
      if (typeof value !== "string")
        throw refuse(output.kind === "labels" ? "label" : output.kind, "expected a string");
      parseOutput(contract, value);
      return value;
  }
}

/**
 * The value of an answer's text, the inverse of {@link renderOutput}. White space around the text is dropped; nothing
 * else is forgiven.
 *
 * @returns a string (labels, strings, dates as `2026-11-24`), a part of the input or null, a boolean, a finite number, or the JSON value.
 * @throws {OutputError} when the text does not fit the contract: not a label of the set, not a decimal number, not a
 *   day of the calendar, not JSON, or JSON that the schema refuses. `raw` is the text as given.
 * @example
 * ```ts
 * parseOutput({ input: { kind: "string" }, output: { kind: "number" } }, " 12.5\n"); // 12.5
 * ```
 */
export function parseOutput(contract: Contract, text: string): unknown {
  const { output } = contract;
  const answer = text.trim();
  const refuse = (code: OutputErrorCode, message: string) => new OutputError(code, text, message);
  switch (output.kind) {
    case "labels": {
      const label = output.labels.find((candidate) => candidate.trim() === answer);
      if (label === undefined) throw refuse("label", `${quote(answer)} is not one of ${list(output.labels)}`);
      return label;
    }
    case "boolean":
      if (answer !== "true" && answer !== "false") throw refuse("boolean", `${quote(answer)} is not true or false`);
      return answer === "true";
    case "string": {
      if (output.pattern === undefined) return answer;
      const found = [answer, text].find((one) => patternOf(output.pattern as string).matches(one));
      if (found === undefined) throw refuse("string", `${quote(answer)} does not match ${output.pattern}`);
      return found;
    }
    case "quote":
      return answer === NOTHING ? null : answer;
    case "number": {
      const value = NUMBER.test(answer) ? Number(answer) : Number.NaN;
      if (!Number.isFinite(value)) throw refuse("number", `${quote(answer)} is not a finite decimal number`);
      return value;
    }
    case "date":
      if (!isDate(answer)) throw refuse("date", `${quote(answer)} is not a date (YYYY-MM-DD)`);
      return answer;
    case "json": {
      let value: unknown;
      try {
        value = parseJson(answer);
      } catch (error) {
        throw refuse("json", `the answer is not JSON: ${(error as Error).message}`);
      }
      const problem = misfit(value, output.schema);
      if (problem) throw refuse("schema", place(problem, "the answer"));
      return value;
    }
  }
}

/** A value with the fields of its objects in the schema's order: the same value is one text. */
function inOrder(value: unknown, schema: JsonSchema): unknown {
  const { items, anyOf } = schema as { items?: JsonSchema; anyOf?: JsonSchema[] };
  if (typeof value !== "object" || value === null) return value;
  if (anyOf) return inOrder(value, anyOf.find((member) => !misfit(value, member)) ?? {});
  if (Array.isArray(value)) return items ? value.map((item) => inOrder(item, items)) : value;
  const known = Object.entries(properties(schema) as Record<string, JsonSchema>);
  const fields = value as Record<string, unknown>;
  const ordered = new Map<string, unknown>();
  for (const [name, field] of known) if (Object.hasOwn(fields, name)) ordered.set(name, inOrder(fields[name], field));
  // What the schema leaves open comes last.
  for (const [name, field] of Object.entries(fields)) if (!ordered.has(name)) ordered.set(name, field);
  return Object.fromEntries(ordered);
}

/** What the model would see of a value: `undefined` fields are gone, dates are ISO text. */
function asJson(value: unknown): unknown {
  try {
    const json = JSON.stringify(value) ?? "null";
    checkDepth(json);
    return JSON.parse(json);
  } catch (error) {
    throw new InputError("json", `the input cannot be written as JSON: ${(error as Error).message}`);
  }
}

const closedSchemas = new WeakMap<JsonSchema, JsonSchema>();

/** A field that the schema does not name is a mistake of the caller, unless the schema says what such fields are. */
function closed(schema: JsonSchema): JsonSchema {
  let result = closedSchemas.get(schema);
  if (result === undefined) {
    result = { additionalProperties: false, ...schema };
    closedSchemas.set(schema, result);
  }
  return result;
}

function properties(schema: JsonSchema): object {
  return (schema.properties as object | undefined) ?? {};
}

function inputCode({ keyword }: Misfit): InputErrorCode {
  if (keyword === "required") return "missing";
  if (keyword === "additionalProperties") return "unknown";
  return keyword === "type" ? "type" : "value";
}

function place(problem: Misfit, whole: string): string {
  const { path, message } = describeMisfit(problem);
  return `${path ? quote(path) : whole} ${message}`;
}

const quote = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);

const list = (labels: string[]) =>
  labels.length > 8 ? `the ${labels.length} labels` : labels.map((label) => quote(label)).join(", ");

/** The precision that `abstain` asks for, 0 to 1; undefined where it asks for none, or says a probability itself. */
export function askedPrecision({ abstain }: Pick<Contract, "abstain">): number | undefined {
  return typeof abstain === "object" ? abstain.precision : undefined;
}
