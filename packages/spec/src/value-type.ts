import type { JsonSchema } from "@unplugin-paw/program";
import type { Place } from "./source.ts";

/** A type that a spec names. */
export interface Shape {
  /** With fields and labels in the order written: contract, checks and the TypeScript type are all made of it. */
  schema: JsonSchema;
  /** A closed set of labels. */
  labels?: string[];
  /** Where each label is written. */
  labelPlaces?: Place[];
  /** What labels stand for, where the spec says so. */
  descriptions?: Map<string, string>;
  /** A closed set of labels and null: no set to choose from, for null is no label. */
  labelsOrNull?: true;
  /** A lone word such as `number`. */
  word?: "string" | "quote" | "number" | "boolean" | "date";
  /** The fields of an object. */
  fields?: Field[];
  /** Of what a list is made that is written as a list of one type. */
  items?: Shape;
}

export interface Field {
  name: string;
  optional: boolean;
  shape: Shape;
  keyPlace: Place;
  /** Place of its type. */
  place: Place;
}
