import { type JsonSchema, outputSchema } from "@unplugin-paw/program";
import type { Spec } from "./parse.ts";
import type { TypeLocations } from "./signature.ts";
import type { Location } from "./source.ts";

/** The declarations of a spec's module. */
export interface Declaration {
  code: string;
  /** Which places of the code stand for which places of the spec, in the order of the code. */
  mappings: Mapping[];
}

export interface Mapping {
  /** Offset in the code. */
  offset: number;
  /** 1-based. */
  line: number;
  column: number;
}

/** Code, or a place of the spec that the code from here on stands for. */
type Part = string | Pick<Mapping, "line" | "column">;

/** Functions that can do more than answer, and whose outputs are of one type. */
const KINDS: { [output: string]: string } = { quote: "PawQuoter", string: "PawWriter" };

/** Where every spec begins. */
const TOP: Location = { file: "", line: 1, column: 1, endLine: 1, endColumn: 4 };

/**
 * Writes the TypeScript declarations of a spec's module: the content of `sentiment.d.paw.ts` beside `sentiment.paw`. A
 * date is a
 * `string` in ISO 8601; labels are a union of string literals; with `abstain` the answer may be `null`.
 *
 * @example
 * const { spec } = readSpec("sentiment.paw");
 * if (spec) writeFileSync("sentiment.d.paw.ts", specTypes(spec).code);
 */
export function specTypes(spec: Spec): Declaration {
  const { input, output, abstain } = spec.contract;
  const { locations } = spec;
  const firstLine = locations && firstLineOf(locations.instructions, spec.instructions);
  const closed = output.kind === "labels" || output.kind === "boolean";
  const kind = closed ? "PawClassifier" : (KINDS[output.kind] ?? "PawFunction");
  const parameters = [
    input.kind === "string" ? ["string"] : typeParts(input.schema, locations?.input),
    ...(KINDS[output.kind] ? [] : [typeParts(outputSchema({ output }), locations?.output)]),
    ...(abstain === undefined ? [] : [["true"]]),
  ];
  return assemble([
    ...begin(TOP),
    `import type { ${kind}, ProgramMeta } from "@unplugin-paw/runtime";\n\n`,
    `${docComment(spec)}\n`,
    // Editors ask for both ends of a name and of the statement around it, and TypeScript takes the next mapping where
    // there is none.
    ...begin(locations?.instructions),
    "declare const ",
    ...begin(firstLine),
    spec.name,
    ...end(firstLine),
    `: ${kind}<`,
    ...joined(parameters, ", "),
    ">;",
    ...end(locations?.instructions),
    `\nexport default ${spec.name};\n\n`,
    "/** Where the program comes from: its spec, interpreter and scores. */\n",
    ...begin(TOP),
    "export declare const ",
    ...begin(TOP),
    "meta: ProgramMeta;",
    ...end(TOP),
    "\n",
  ]);
}

/** The TypeScript type of the JSON Schemas that specs have. */
function typeParts(schema: JsonSchema, { labels = [], fields = {} }: TypeLocations = {}): Part[] {
  if (Array.isArray(schema.enum)) {
    const values = schema.enum.map((value, index) => [...begin(labels[index]), JSON.stringify(value)]);
    return joined(values, " | ");
  }
  if ("const" in schema) return [JSON.stringify(schema.const)];
  if (Array.isArray(schema.anyOf)) return [[...new Set((schema.anyOf as JsonSchema[]).map(typeText))].join(" | ")];
  if (schema.type === "array") {
    const items = schema.items as JsonSchema;
    return [items.type === undefined ? `(${typeText(items)})[]` : `${typeText(items)}[]`]; // a union, or not
  }
  if (schema.type !== "object") return [schema.type === "integer" ? "number" : String(schema.type)];
  const required = schema.required as string[];
  const properties = Object.entries(schema.properties as Record<string, JsonSchema>);
  const members = properties.flatMap(([name, field], index) => {
    const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
    const written = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return [
      ...begin(written?.key),
      key,
      ...end(written?.key),
      `${required.includes(name) ? "" : "?"}: `,
      ...typeParts(field, written),
      ...end(written?.type),
      // (The semicolon is part of the member.)
      ...(index < properties.length - 1 ? [";", ...end(written?.type)] : []),
      " ",
    ];
  });
  return ["{ ", ...members, "}"];
}

function typeText(schema: JsonSchema): string {
  return assemble(typeParts(schema)).code;
}

function docComment(spec: Spec): string {
  const { instructions, descriptions = [] } = spec;
  const meanings = descriptions.map(({ field, label, text }) => `- ${field ? `${field} ` : ""}\`${label}\`: ${text}`);
  const told = [instructions, ...(meanings.length > 0 ? ["", ...meanings] : [])].join("\n");
  const lines = told.replaceAll("*/", "*\\/").split("\n");
  if (spec.contract.output.kind === "date") lines.push("", "@returns an ISO 8601 date such as `2026-11-24`");
  if (spec.contract.output.kind === "quote") lines.push("", "@returns a part of the input, or `null`");
  const { abstain } = spec.contract;
  if (typeof abstain === "number") lines.push("", `@returns \`null\` where no answer is at least ${abstain} probable`);
  if (typeof abstain === "object") {
    const percent = Number((100 * abstain.precision).toPrecision(6));
    lines.push("", `@returns \`null\` where it is not sure enough for ${percent} % of the answers to be right`);
  }
  return ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"].join("\n");
}

/** Where the first line of a text is, of which it is known where it begins. */
function firstLineOf({ file, line, column }: Location, text: string): Location {
  const length = text.split("\n", 1)[0]?.trimEnd().length ?? 0;
  return { file, line, column, endLine: line, endColumn: column + length };
}

function begin(location: Location | undefined): Part[] {
  return location ? [{ line: location.line, column: location.column }] : [];
}

function end(location: Location | undefined): Part[] {
  const { endLine, endColumn } = location ?? {};
  return endLine === undefined || endColumn === undefined ? [] : [{ line: endLine, column: endColumn }];
}

function joined(lists: readonly Part[][], separator: string): Part[] {
  return lists.flatMap((parts, index) => (index === 0 ? parts : [separator, ...parts]));
}

function assemble(parts: readonly Part[]): Declaration {
  const mappings: Mapping[] = [];
  let code = "";
  for (const part of parts) {
    if (typeof part === "string") code += part;
    else mappings.push({ offset: code.length, ...part });
  }
  return { code, mappings };
}
