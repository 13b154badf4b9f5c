import { type Effort, efforts } from "@unplugin-paw/compiler";
import { Build } from "../../build.ts";
import { loadModule } from "../../modules/load.ts";
import type { Options } from "../../options.ts";
import type { LoadContext } from "../host.ts";
import { nodeHost } from "./host.ts";
import type { Answer } from "./thread.ts";

/**
 * Loads specs as bundlers do, with options from the environment.
 *
 * @returns a function that gives the module of a file; one load at a time, as the importing thread waits
 * @throws {Error} an option is wrong
 */
export function nodeLoader(): (file: string) => Promise<Answer> {
  let lines: string[] = [];
  const build = new Build(
    optionsOf(process.env),
    nodeHost((line) => lines.push(line)),
  );
  const context = { addWatchFile() {} } as unknown as LoadContext;
  return async (file) => {
    lines = [];
    try {
      const module = await loadModule(build, context, file);
      return { lines, code: module?.code ?? "" };
    } catch (error) {
      return { lines, failed: (error as Error).message };
    }
  };
}

/** The plugin's options, as the environment gives them. */
function optionsOf({ PAW_CACHE, PAW_EFFORT, PAW_FROZEN }: NodeJS.ProcessEnv): Options {
  if (PAW_EFFORT && !efforts.includes(PAW_EFFORT as Effort)) {
    throw new Error(`unplugin-paw: PAW_EFFORT is "${PAW_EFFORT}"; it is one of ${efforts.join(", ")}.`);
  }
  const frozen = ["1", "true"].includes(PAW_FROZEN ?? "");
  return {
    ...(PAW_CACHE && { cache: PAW_CACHE }),
    ...(PAW_EFFORT && { effort: PAW_EFFORT as Effort }),
    ...(frozen && { frozen, types: false }), // what is frozen writes nothing
  };
}
