import { type Effort, efforts } from "@unplugin-paw/compiler";
import type { UnpluginOptions } from "unplugin";
import type { LoadContext } from "./asset/host.ts";
import type { Report } from "./errors.ts";
import type { Options } from "./options.ts";
import { factory } from "./plugin.ts";
import type { Answer } from "./register-load.ts";

type Handler = (this: LoadContext, id: string) => Promise<{ code: string } | null>;

let load: Handler | undefined;

/** Loads a spec as bundlers do. */
export async function loadModule(file: string): Promise<Answer> {
  load ??= loadHook();
  const lines: string[] = [];
  const context = {
    addWatchFile() {},
    info: (message: string) => lines.push(message),
    warn: (report: Report | string) => lines.push(text(report)),
    error(report: Report): never {
      throw new Error(text(report));
    },
  };
  try {
    const module = await load.call(context as unknown as LoadContext, file);
    return { lines, code: module?.code ?? "" };
  } catch (error) {
    return { lines, failed: (error as Error).message };
  }
}

function loadHook(): Handler {
  const { load } = factory(optionsOf(process.env), { framework: "unloader", versions: {} }) as UnpluginOptions;
  return (load as { handler: Handler }).handler;
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

function text(report: Report | string): string {
  if (typeof report === "string") return report;
  const { message, frame } = report;
  return frame ? `${message}\n\n${frame}` : message;
}
