import type { JsonSchema, OutputContract } from "@unplugin-paw/program";
import type { Spec } from "./parse.ts";

/**
 * Writes the TypeScript declarations of a spec's module: the text of `sentiment.d.paw.ts` beside `sentiment.paw`. A date is a
 * `string` in ISO 8601; labels are a union of string literals; with `abstain` the answer may be `null`.
 *
 * @example
 * const { spec } = readSpec("sentiment.paw");
 * if (spec) writeFileSync("sentiment.d.paw.ts", specTypes(spec));
 */
export function specTypes(spec: Spec): string {
  const { input, output, abstain } = spec.contract;
  const closed = output.kind === "labels" || output.kind === "boolean";
  const kind = closed ? "PawClassifier" : "PawFunction";
  const parameters = [
    input.kind === "string" ? "string" : typeText(input.schema),
    typeText(schemaOf(output)),
    ...(abstain === undefined ? [] : ["true"]),
  ];
  return [
    `import type { ${kind}, ProgramMeta } from "@unplugin-paw/runtime";`,
    "",
    docComment(spec),
    `declare const ${spec.name}: ${kind}<${parameters.join(", ")}>;`,
    `export default ${spec.name};`,
    "",
    "/** Where the program comes from: its spec, interpreter and scores. */",
    "export declare const meta: ProgramMeta;",
    "",
  ].join("\n");
}

function schemaOf(output: OutputContract): JsonSchema {
  switch (output.kind) {
    case "labels":
      return { enum: output.labels };
    case "json":
      return output.schema;
    case "date":
      return { type: "string", format: "date" };
    default:
      return { type: output.kind };
  }
}

/** The TypeScript type of the JSON Schemas that specs have. */
function typeText(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.anyOf)) return [...new Set((schema.anyOf as JsonSchema[]).map(typeText))].join(" | ");
  if (schema.type === "array") {
    const item = typeText(schema.items as JsonSchema);
    return /^[\w{]/.test(item) && !item.includes("|") ? `${item}[]` : `(${item})[]`;
  }
  if (schema.type !== "object") return String(schema.type);
  const required = schema.required as string[];
  const fields = Object.entries(schema.properties as Record<string, JsonSchema>).map(([name, field]) => {
    const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
    return `${key}${required.includes(name) ? "" : "?"}: ${typeText(field)}`;
  });
  return `{ ${fields.join("; ")} }`;
}

function docComment(spec: Spec): string {
  const lines = spec.instructions.replaceAll("*/", "*\\/").split("\n");
  if (spec.contract.output.kind === "date") lines.push("", "@returns an ISO 8601 date such as `2026-11-24`");
  if (spec.contract.abstain !== undefined) {
    lines.push("", `@returns \`null\` where no answer is at least ${spec.contract.abstain} probable`);
  }
  return ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n");
}
