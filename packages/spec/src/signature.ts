import type { Contract, InputContract, JsonSchema, OutputContract } from "@unplugin-paw/program";
import { type Location, locate } from "./source.ts";
import type { Shape } from "./value-type.ts";

/** What a spec's function takes and returns: as data, and as the shapes that check its examples. */
export interface Signature {
  contract: Contract;
  /** Absent where the function takes one text. */
  input?: Shape;
  output: Shape;
}

/** Where the labels and fields of a type are written. */
export interface TypeLocations {
  /** In the order of the labels. */
  labels?: Location[];
  /** Of each field its key, its type, and what is inside of that. */
  fields?: { [name: string]: TypeLocations & { key: Location; type: Location } };
}

/** Where a type's parts are written. */
export function typeLocations({ labelPlaces, fields, items }: Shape): TypeLocations {
  if (items) return typeLocations(items);
  const inner = fields?.map(({ name, keyPlace, place, shape }) => {
    return [name, { key: locate(keyPlace), type: locate(place), ...typeLocations(shape) }];
  });
  return {
    ...(labelPlaces && { labels: labelPlaces.map(locate) }),
    ...(inner && { fields: Object.fromEntries(inner) }),
  };
}

/** What a label stands for. */
export interface Description {
  label: string;
  text: string;
  /** The field whose label it is, such as `order.state`; absent for the label that the function returns. */
  field?: string;
}

/** What the front matter says about labels, those of fields included. */
export function descriptionsOf({ input, output }: Signature): { descriptions?: Description[] } {
  const descriptions = [...(input ? described(input, "") : []), ...described(output, "")];
  return descriptions.length > 0 ? { descriptions } : {};
}

function described({ descriptions = new Map(), fields = [], items }: Shape, field: string): Description[] {
  return [
    ...[...descriptions].map(([label, text]) => ({ label, text, ...(field && { field }) })),
    ...fields.flatMap(({ name, shape }) => described(shape, field === "" ? name : `${field}.${name}`)),
    ...(items ? described(items, field) : []),
  ];
}

/** The output contract of a type. */
export function outputContract(shape: Shape): OutputContract {
  if (shape.labels) return { kind: "labels", labels: shape.labels };
  const { pattern } = shape.schema as { pattern?: string };
  if (shape.word === "string" && pattern !== undefined) return { kind: "string", pattern };
  if (shape.word) return { kind: shape.word };
  return { kind: "json", schema: root(shape.schema) };
}

/** The input contract of a map of fields, or of one text. */
export function inputContract(shape: Shape | undefined): InputContract {
  return shape ? { kind: "object", schema: root(shape.schema) } : { kind: "string" };
}

function root(schema: JsonSchema): JsonSchema {
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...schema };
}
