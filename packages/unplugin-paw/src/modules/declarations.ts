import { type GeneratedModule, NO_MAP } from "./codegen.ts";

/** The declarations of a spec as a module; none of one with an error, which its own module reports. */
export async function declarationModule(id: string): Promise<GeneratedModule> {
  const { readSpec, specTypes } = await import("@unplugin-paw/spec");
  const { spec } = readSpec(id.replace(/\.d\.ts$/, ""));
  return { code: spec ? specTypes(spec).code : "export {};\n", map: NO_MAP };
}
