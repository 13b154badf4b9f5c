import { type OutputUnit, type Schema, Validator } from "@cfworker/json-schema";
import type { JsonSchema } from "./contract.ts";

/** The first thing that keeps a value from fitting a schema: where (`a.b`, empty for the value itself), which keyword, and what. */
export interface Misfit {
  path: string;
  keyword: string;
  message: string;
}

// Keyed by the contract's own schema object: a runtime checks every call against the same one.
const validators = new WeakMap<JsonSchema, Validator>();

/**
 * The misfit of a JSON value under a JSON Schema (2020-12), or undefined when it fits. Never throws: a schema or a value that the
 * validator cannot work with (an endless reference, `undefined` inside) is a misfit too.
 */
export function misfit(value: unknown, schema: JsonSchema): Misfit | undefined {
  try {
    let validator = validators.get(schema);
    if (validator === undefined) {
      // The validator marks the schema objects it is given; ours may be frozen and belong to the caller.
      validator = new Validator(structuredClone(schema) as Schema, "2020-12");
      validators.set(schema, validator);
    }
    const { valid, errors } = validator.validate(value);
    return valid ? undefined : describe(errors);
  } catch (error) {
    return { path: "", keyword: "schema", message: `cannot be checked (${(error as Error).message})` };
  }
}

/** The validator lists outer errors ("property does not match") before inner ones; the deepest place is the cause. */
function describe(errors: OutputUnit[]): Misfit {
  const depth = (unit: OutputUnit) => unit.instanceLocation.split("/").length;
  const unit = errors.reduce((best, next) => (depth(next) > depth(best) ? next : best));
  const path = decodeURI(unit.instanceLocation.replace(/^#\/?/, "")).replaceAll("/", ".");
  return { path, keyword: unit.keyword, message: sentence(unit) };
}

function sentence({ keyword, error }: OutputUnit): string {
  if (keyword === "false") return "is not a known field";
  const type = /^Instance type "(.*)" is invalid. Expected "(.*)"\.$/.exec(error);
  if (type) return `is of type ${type[1]}, expected ${type[2]?.replaceAll('", "', " or ")}`;
  return error
    .replace(/^Instance does not have required property (.*)\.$/, "lacks the field $1")
    .replace(/^(Instance|Array|String) /, "")
    .replace(/\.$/, "");
}

const self = { $ref: "#/$defs/schema" };
const words = ["string", "number", "boolean", "null", "array", "object"];
const plain = { type: ["string", "number", "boolean", "null"] };

/**
 * JSON Schema of the schemas that a contract may hold, for use under `$defs`: the keywords that specs' types are printed with, and no others.
 * So a file cannot carry a schema that we would silently misread, a pattern that takes for ever, or a reference that leads in a circle.
 */
export const schemaOfSchemas: JsonSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    description: { type: "string" },
    type: { anyOf: [{ enum: words }, { type: "array", items: { enum: words }, minItems: 1, maxItems: 6 }] },
    const: plain,
    enum: { type: "array", items: plain, minItems: 1 },
    format: { enum: ["date"] },
    anyOf: { type: "array", items: self, minItems: 1 },
    properties: { type: "object", additionalProperties: self },
    required: { type: "array", items: { type: "string" } },
    additionalProperties: { type: "boolean" },
    items: self,
  },
};

/** Levels of a contract's schema; a spec's types have 8, and a level of JSON for arrays and choices each. */
const MAX_LEVELS = 24;
/** Schemas, values and names in a contract's schema: what an answer is compared with. */
const MAX_PARTS = 50_000;

/** What makes a schema (of the keywords above) too large to check values with. */
export function oversize(schema: JsonSchema): string | undefined {
  let parts = 0;
  const levels = (node: unknown): number => {
    parts++;
    if (typeof node !== "object" || node === null) return 0;
    let deepest = 0;
    for (const inner of Object.values(node)) deepest = Math.max(deepest, 1 + levels(inner));
    return deepest;
  };
  // (JSON of a program is at most 64 levels deep, and each level of a schema takes up to two of them.)
  if (levels(schema) > 2 * MAX_LEVELS) return `is nested deeper than ${MAX_LEVELS} levels`;
  return parts > MAX_PARTS ? `has ${parts} parts, and may have ${MAX_PARTS}` : undefined;
}
