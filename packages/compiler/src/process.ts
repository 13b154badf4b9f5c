/** The process of `compileInBackground`: takes one order, compiles, says how it went, ends. */
import { constants, setPriority } from "node:os";
import type { News, Order } from "./background.ts";
import { compile } from "./compile.ts";
import type { CompileProgress } from "./progress.ts";

/** How long after the end of the parent this process may live, milliseconds. */
const patience = 10_000;

try {
  setPriority(constants.priority.PRIORITY_LOW); // now: onnxruntime's threads inherit it
} catch {
  // it is a courtesy
}

const abort = new AbortController();
const stop = () => {
  abort.abort(new Error("The compile was cancelled."));
  setTimeout(() => process.exit(1), patience).unref();
};
process.on("disconnect", stop);
// A terminal sends them to all of its processes: locks are given back first.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

process.once("message", async ({ spec, options }: Order) => {
  const tell = (news: News) =>
    new Promise<void>((resolve) => (process.send ? process.send(news, undefined, {}, () => resolve()) : resolve()));
  const onProgress = (progress: CompileProgress) => void tell({ progress });
  const onWarning = (warning: string) => void tell({ warning });
  try {
    const { seconds } = await compile(spec, { ...options, onProgress, onWarning, gate: false, signal: abort.signal });
    await tell({ seconds });
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    await tell({ failed: { message, ...(hint !== undefined && { hint }) } });
  }
  if (process.connected) process.disconnect();
});
