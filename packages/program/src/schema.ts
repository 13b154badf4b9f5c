import type { JsonSchema } from "./contract.ts";
import { isAnchored, patternOf } from "./pattern.ts";

const words = ["string", "number", "integer", "boolean", "null", "array", "object"];
const plain = { type: ["string", "number", "boolean", "null"] };

/**
 * JSON Schema of the schemas that a contract may hold: the keywords that specs' types are printed with, and no others.
 * So a file cannot carry a schema that we would silently misread, a pattern that takes for ever, or a reference that
 * leads in a circle.
 */
export const schemaOfSchemas: JsonSchema & { properties: JsonSchema } = {
  type: "object",
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    description: { type: "string" },
    type: { anyOf: [{ enum: words }, { type: "array", items: { enum: words }, minItems: 1, maxItems: 7 }] },
    const: plain,
    enum: { type: "array", items: plain, minItems: 1 },
    format: { enum: ["date"] },
    pattern: { type: "string" },
    minimum: { type: "number" },
    maximum: { type: "number" },
    required: { type: "array", items: { type: "string" } },
    additionalProperties: { type: "boolean" },
  },
};
// Schemas have schemas in them.
Object.assign(schemaOfSchemas.properties, {
  anyOf: { type: "array", items: schemaOfSchemas, minItems: 1 },
  properties: { type: "object", additionalProperties: schemaOfSchemas },
  items: schemaOfSchemas,
});

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

/** What is wrong with the patterns of a contract's side, wherever they are in it. */
export function misspelled(side: object): string | undefined {
  for (const [name, inner] of Object.entries(side)) {
    if (name === "pattern" && typeof inner === "string") {
      if (!isAnchored(inner)) return "has a pattern that is not of whole texts, as ^(?:...)$ is";
      try {
        patternOf(inner);
      } catch (error) {
        return `has a pattern that cannot be read: ${(error as Error).message}`;
      }
    }
    const found = typeof inner === "object" && inner !== null ? misspelled(inner) : undefined;
    if (found) return found;
  }
  return undefined;
}
