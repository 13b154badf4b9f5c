/** The thread that reads and compiles specs for module hooks, with the plugin's own load hook. */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import type { Answer, Start } from "./thread.ts";

const { port, answers, columns } = workerData as Start;

/** Wakes the importing thread. */
function wake(): void {
  Atomics.add(answers, 0, 1);
  Atomics.notify(answers, 0);
}

// Should this thread end early, the importing thread must not wait for ever.
process.on("exit", wake);

if (columns !== undefined) {
  // A thread's own stream goes through the main thread, which waits.
  const write = (text: string) => {
    try {
      writeSync(2, text);
    } catch {
      // a terminal that takes no more now shows the next step
    }
    return true;
  };
  Object.assign(process.stderr, { isTTY: true, columns, write });
}

let loader: Promise<(file: string) => Promise<Answer>> | undefined;

port.on("message", async (file: string) => {
  let answer: Answer;
  try {
    loader ??= import("./loader.ts").then(({ nodeLoader }) => nodeLoader());
    answer = await (await loader)(file);
  } catch (error) {
    answer = { lines: [], failed: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(answer);
  wake();
});
