import type { Effort } from "@unplugin-paw/compiler";
import { type Command, Option } from "commander";
import { UsageError } from "./errors.ts";

export const CACHE = "folder of compiled programs (default: node_modules/.cache/unplugin-paw)";

/**
 * What each effort costs. (Of the compiler only the type is used here: its code takes a quarter of a second to load.)
 */
const EFFORTS: Record<Effort, string> = {
  draft: "some seconds",
  standard: "about a minute",
  thorough: "some minutes",
};

/** Flags and checks of the commands that run the model. */
export function withCompiler(command: Command): Command {
  const costs = Object.entries(EFFORTS).map(([effort, cost]) => `${effort} ${cost}`);
  return command
    .addOption(
      new Option("--effort <effort>", `how much the compile of a spec may cost: ${costs.join(", ")}`)
        .choices(Object.keys(EFFORTS))
        .default("standard" satisfies Effort),
    )
    .option("--gguf <path>", "a local GGUF file in place of the interpreter's own")
    .option("--cache <folder>", CACHE)
    .option("--no-cache", "neither read nor write compiled programs")
    .option("--allow-outside", "specs may read data files outside of the nearest package.json's folder")
    .option("--frozen", "take every program from the cache, or fail: nothing is compiled, fetched or written there")
    .option(
      "--remote <address>",
      "a cache that machines share: redis://, https://, or the path of a folder (default: $PAW_REMOTE)",
    )
    .hook("preAction", checkLength);
}

/** Most bytes of a command line. */
const MAX_COMMAND_LINE = 20_000;

/**
 * On Linux onnxruntime 1.30 matches /proc/self/cmdline against a regular expression that uses up the stack: with 30,000
 * bytes the whole process dies of a segmentation fault.
 */
function checkLength(): void {
  const bytes = Buffer.byteLength([...process.execArgv, ...process.argv].join(" "));
  if (process.platform !== "linux" || bytes <= MAX_COMMAND_LINE) return;
  throw new UsageError(
    `The command line has ${bytes.toLocaleString("en")} bytes; at most ${MAX_COMMAND_LINE.toLocaleString("en")} work.`,
    "Give a long text on stdin or with --input-file, and many files in several calls (xargs -n 100).",
  );
}

/** The flag of the commands that may ask a teacher. */
export function withTeacher(command: Command): Command {
  return command.option(
    "--teacher <model>",
    "who writes the examples that a spec lacks: model.gguf, or http://host/v1#model, with its key in PAW_TEACHER_KEY\n(default: `teacher` of paw.config.js)",
  );
}

/** Lines below the help of a command. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
