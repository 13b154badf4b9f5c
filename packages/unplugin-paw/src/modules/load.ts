import { existsSync } from "node:fs";
import type { Build } from "../build.ts";
import type { LoadContext } from "../hosts/host.ts";
import { DECLARATIONS, interpreterOf, SPEC } from "../ids.ts";
import { LoadError } from "../reports.ts";
import { type GeneratedModule, NO_MAP } from "./codegen.ts";
import { declarationModule } from "./declarations.ts";
import { specModule } from "./spec.ts";

/** A module as bundlers take it. */
export interface LoadedModule extends GeneratedModule {
  moduleType?: "js";
  moduleSideEffects?: false;
}

/**
 * The module of an id of ours; null for any other id.
 *
 * @throws what a host throws for an error: Rollup and its kin. The others get a module that stands for the failed one
 */
export async function loadModule(build: Build, context: LoadContext, id: string): Promise<LoadedModule | null> {
  if (DECLARATIONS.test(id)) return existsSync(id) ? null : declarationModule(id);
  const interpreter = interpreterOf(id);
  if (!interpreter && !SPEC.test(id)) return null;
  const { host } = build;
  const loading = interpreter
    ? import("./interpreter.ts").then(({ interpreterModuleOf }) => interpreterModuleOf(build, context, id, interpreter))
    : specModule(build, context, id);
  const module = await loading.catch((error) => {
    host.forget?.(context);
    if (!(error instanceof LoadError)) throw error;
    host.error(context, error.report);
    return failedModule(error, interpreter ? undefined : build.hot(context));
  });
  // (Imports at the end, where they move no line of the map.)
  const code = module.code + (host.imports?.(context) ?? "");
  return { ...module, code, moduleType: "js", moduleSideEffects: false };
}

/**
 * What a load that failed gives to a bundler which goes on: a module with all exports, so that no complaint about a
 * missing one stands beside the error. It says the error again, should somebody run it.
 *
 * @param hot in development, as in `generateModule`: the program that was there before goes on answering
 */
function failedModule({ message }: Error, hot?: string): GeneratedModule {
  const made = `new Error(${JSON.stringify(message)})`;
  const run =
    hot === undefined
      ? `throw ${made};\nexport default undefined;\n`
      : `import { swappable } from "@unplugin-paw/runtime/hot";\nexport default swappable(${made}, ${hot});\n${hot}?.accept();\n`;
  return { code: `${run}export const meta = undefined;\n`, map: NO_MAP };
}
