import type { InputContract, JsonSchema } from "@unplugin-paw/program";

/**
 * The fields of an object in which anything can be said: texts that are no date and none of a few.
 *
 * @example
 * freeTexts({ kind: "object", schema: { properties: { title: { type: "string" }, stars: { type: "number" } } } }); // ["title"]
 */
export function freeTexts({ schema }: InputContract & { kind: "object" }): string[] {
  const properties = (schema.properties ?? {}) as { [name: string]: JsonSchema };
  return Object.keys(properties).filter((name) => isFree(properties[name] as JsonSchema));
}

const isFree = ({ type, enum: values, format }: JsonSchema) => type === "string" && !values && !format;
