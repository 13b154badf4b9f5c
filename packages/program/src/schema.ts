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

const integer = { type: "integer", minimum: 0 };
const number = { type: "number" };
const regex = { type: "string", format: "regex" };
const self = { $ref: "#/$defs/schema" };
const schemas = { type: "array", items: self, minItems: 1 };
const schemaMap = { type: "object", additionalProperties: self };

/**
 * JSON Schema of the schemas that a contract may hold, for use under `$defs`: the keywords that ArkType prints. The keyword list is
 * closed, so that a file cannot carry a schema that we would silently misread.
 */
export const schemaOfSchemas: JsonSchema = {
  type: ["object", "boolean"],
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    $ref: { type: "string", pattern: "^#" },
    $defs: schemaMap,
    title: { type: "string" },
    description: { type: "string" },
    default: true,
    examples: { type: "array" },
    type: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
    const: true,
    enum: { type: "array" },
    anyOf: schemas,
    oneOf: schemas,
    allOf: schemas,
    not: self,
    properties: schemaMap,
    patternProperties: { ...schemaMap, propertyNames: regex },
    additionalProperties: self,
    required: { type: "array", items: { type: "string" } },
    minProperties: integer,
    maxProperties: integer,
    items: self,
    prefixItems: schemas,
    minItems: integer,
    maxItems: integer,
    uniqueItems: { type: "boolean" },
    format: { type: "string" },
    pattern: regex,
    minLength: integer,
    maxLength: integer,
    minimum: number,
    maximum: number,
    exclusiveMinimum: number,
    exclusiveMaximum: number,
    multipleOf: { type: "number", exclusiveMinimum: 0 },
  },
};
