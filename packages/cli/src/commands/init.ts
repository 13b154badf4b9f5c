import { relative } from "node:path";
import { createInterface } from "node:readline/promises";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { UsageError } from "../errors.ts";
import { type Change, writeAll } from "../init/files.ts";
import { planInit } from "../init/plan.ts";
import { installCommand } from "../init/project.ts";
import { note, print, style } from "../output.ts";

export interface InitFlags {
  yes?: boolean;
  example?: boolean;
}

/**
 * `paw init`: puts the plugin into a project: the bundler's configuration, tsconfig.json, package.json and .gitignore. Shows what would
 * change, asks, and writes all of it or nothing; where nothing is missing, nothing happens.
 *
 * @param config the bundler's configuration; default: the one that is found
 * @returns the exit code: 1 where something is left to do
 */
export async function initCommand(config: string | undefined, flags: InitFlags, signal: AbortSignal): Promise<number> {
  const root = process.cwd();
  const { changes, byHand, advice } = planInit(root, { config, example: flags.example === true });
  for (const change of changes) print(patch(change, root));
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

/** A change as a unified diff. */
function patch({ path, before, after }: Change, root: string): string {
  const name = relative(root, path);
  const from = before === undefined ? "/dev/null" : `a/${name}`;
  const text = createTwoFilesPatch(from, `b/${name}`, before ?? "", after, undefined, undefined, {
    headerOptions: FILE_HEADERS_ONLY,
  });
  const lines = text.trimEnd().split("\n");
  return lines
    .map((line) => (/^[+-]/.test(line) ? style(line.startsWith("+") ? "green" : "red", line) : line))
    .join("\n");
}
