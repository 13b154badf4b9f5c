export { type Declaration, type Mapping, specTypes } from "./declaration.ts";
export { type Diagnostic, formatDiagnostic } from "./diagnostics.ts";
export type { Pair } from "./items.ts";
export { nameOf } from "./name.ts";
export { type ParseOptions, type ParseResult, parseSpec, readSpec, type Spec, type SpecLocations } from "./parse.ts";
export { placeholders, printable } from "./printable.ts";
export type { Description, TypeLocations } from "./signature.ts";
export type { Location } from "./source.ts";
