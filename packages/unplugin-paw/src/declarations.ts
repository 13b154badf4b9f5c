import { readSpec, specTypes } from "@unplugin-paw/spec";
import { type GeneratedModule, NO_MAP } from "./codegen.ts";
import { fileOf, SPEC } from "./ids.ts";

/** Matches the ids under which a bundler of declarations (tsdown's) sees those of a spec; there is no such file. */
export const DECLARATIONS: RegExp = /\.paw\.d\.ts$/;

const DECLARATION_FILE = /\.d\.[cm]?ts$/;

/** The id for what a declaration file imports, where that is a spec. */
export function declarationsOf(id: string, importer: string | undefined): string | undefined {
  return importer && DECLARATION_FILE.test(importer) && SPEC.test(id) ? `${fileOf(id)}.d.ts` : undefined;
}

/** The declarations of a spec as a module; none of one with an error, which its own module tells of. */
export function loadDeclarations(id: string): GeneratedModule {
  const { spec } = readSpec(id.replace(/\.d\.ts$/, ""));
  return { code: spec ? specTypes(spec).code : "export {};\n", map: NO_MAP };
}
