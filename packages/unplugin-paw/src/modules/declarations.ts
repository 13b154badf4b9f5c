import { readSpec, specTypes } from "@unplugin-paw/spec";
import { type GeneratedModule, NO_MAP } from "./codegen.ts";

/** The declarations of a spec as a module; none of one with an error, which its own module reports. */
export function declarationModule(id: string): GeneratedModule {
  const { spec } = readSpec(id.replace(/\.d\.ts$/, ""));
  return { code: spec ? specTypes(spec).code : "export {};\n", map: NO_MAP };
}
