import type { ResolvedConfig } from "vite";
import { majorOf } from "../../installed.ts";
import { fail, hinted, shown } from "../../reports.ts";

/** What Vitest 3 waits for a module is 60 s; a step of training blocks the timer for a second or two. */
const PATIENCE = 50_000;

interface Test {
  browser?: { enabled?: boolean };
}

/** Vitest's own configuration, where it is Vitest that loads. */
export function vitest(config: ResolvedConfig): Test | undefined {
  return process.env.VITEST === undefined ? undefined : (config as { test?: Test }).test;
}

/**
 * Vitest loads modules for jsdom and its like as for a browser, but runs them in Node (unless it drives a real
 * browser).
 */
export function runsInVitest(config: ResolvedConfig): boolean {
  const test = vitest(config);
  return test !== undefined && !test.browser?.enabled;
}

/** Whether tests get no module that takes longer than a minute. Later versions wait. */
export function isVitest3(config: ResolvedConfig): boolean {
  return vitest(config) !== undefined && (majorOf("vitest", config.root) ?? Number.POSITIVE_INFINITY) <= 3;
}

/** Says what to do, before Vitest says that something timed out. The compile goes on for as long as Vitest runs. */
export async function withinMinute<T>(id: string, compiling: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const late = new Promise<"late">((resolve) => {
    const timer = setTimeout(resolve, PATIENCE, "late");
    patience.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const first = await Promise.race([compiling.then((done) => ({ done })), late]).finally(() => patience.abort());
  if (first !== "late") return first.done;
  compiling.catch(() => {}); // nobody waits for it any more
  const message = `${shown(id)} is still being compiled, and Vitest 3 waits for a module no longer than a minute.`;
  const hint =
    'Compile before the tests: add globalSetup: ["unplugin-paw/vitest"] to `test` in the configuration, or run `paw compile --cache-only` first.';
  return fail(hinted(message, hint, id));
}
