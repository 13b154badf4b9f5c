import { CommanderError } from "commander";
import { createCli } from "./cli.ts";
import { report, UsageError } from "./errors.ts";

const interrupt = new AbortController();

process.on("SIGINT", () => {
  // The first one lets the work put away what it has begun; a second one does not wait for that.
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
});
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader has seen enough (`paw run ... | head`).
    if (error.code === "EPIPE") process.exit();
    report(error);
    process.exit(1);
  });
}

try {
  const cli = createCli(interrupt.signal, (code) => {
    process.exitCode = code;
  });
  await cli.parseAsync();
} catch (error) {
  if (interrupt.signal.aborted) process.exit(130);
  // Commander has printed its own message or the help.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    report(error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
