import { fileURLToPath } from "node:url";
import { compile, programMeta } from "@unplugin-paw/compiler";
import { readSpec } from "@unplugin-paw/spec";
import type { TestProgram } from "./site.ts";

/** Some of the fixtures' specs, compiled fast: labels, texts, an object as input. */
export async function compilePrograms<Name extends string>(...names: Name[]): Promise<Record<Name, TestProgram>> {
  const programs: [Name, TestProgram][] = [];
  for (const name of names) {
    const { spec } = readSpec(fileURLToPath(new URL(`../../fixtures/specs/${name}.paw`, import.meta.url)));
    if (!spec) throw new Error(`${name}.paw has an error`);
    // What these programs answer is not what is tested, but that they answer it everywhere.
    const { accuracy: _, ...lenient } = spec;
    const { program, weights } = await compile(lenient, { cache: false, effort: "draft" });
    programs.push([name, { meta: programMeta(program), weights }]);
  }
  return Object.fromEntries(programs) as Record<Name, TestProgram>;
}
