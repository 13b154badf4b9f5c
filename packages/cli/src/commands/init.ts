import { createInterface } from "node:readline/promises";
import { InitError, installCommand, type Plan, patchOf, planInit, writeAll } from "@unplugin-paw/init";
import { UsageError } from "../errors.ts";
import { namedFile } from "../files.ts";
import { note, print, style } from "../output.ts";

export interface InitFlags {
  yes?: boolean;
  example?: boolean;
}

/**
 * `paw init`: puts the plugin into a project: the bundler's configuration, tsconfig.json, package.json and .gitignore.
 * Shows what would change, asks, and writes all of it or nothing; where nothing is missing, nothing happens.
 *
 * @param config the bundler's configuration; default: the one that is found
 * @returns the exit code: 1 where something is left to do
 */
export async function initCommand(config: string | undefined, flags: InitFlags, signal: AbortSignal): Promise<number> {
  const root = process.cwd();
  const { changes, byHand, advice } = planned(root, config, flags);
  for (const change of changes) print(coloured(patchOf(change, root)));
  if (changes.length > 0 && !(await agreed(flags, changes.length, signal))) {
    note("Nothing was written.");
    return 1;
  }
  writeAll(changes);
  for (const todo of byHand) note(`${style("yellow", "by hand:", process.stderr)} ${todo}\n`);
  for (const hint of advice) note(`hint: ${hint}`);
  if (changes.length > 0) note(`Written. Next: ${installCommand(root)}`);
  else if (byHand.length === 0) note("Nothing is missing: the plugin is in place.");
  return byHand.length > 0 ? 1 : 0;
}

async function agreed({ yes }: InitFlags, count: number, signal: AbortSignal): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) {
    throw new UsageError("Nothing was written: there is no terminal to ask on.", "Give --yes to write these changes.");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // (A line reader takes Ctrl-C for itself.)
  terminal.on("SIGINT", () => process.emit("SIGINT"));
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const question = `Write ${count === 1 ? "this change" : `these ${count} changes`}? [y/N] `;
  try {
    const answer = await Promise.race([terminal.question(question, { signal }), closed]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** A project that does not say what is wanted is a wrong command line. */
function planned(root: string, config: string | undefined, { example = false }: InitFlags): Plan {
  if (config !== undefined) namedFile(config);
  try {
    return planInit(root, { config, example });
  } catch (error) {
    throw error instanceof InitError ? new UsageError(error.message, error.hint) : error;
  }
}

function coloured(patch: string): string {
  const lines = patch.split("\n");
  return lines
    .map((line) => (/^[+-]/.test(line) ? style(line.startsWith("+") ? "green" : "red", line) : line))
    .join("\n");
}
