import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSpec, type Spec } from "@unplugin-paw/spec";
import { teach } from "@unplugin-paw/teacher";
import { instructionsText, taskSpec } from "../suite.ts";
import type { Column } from "./column.ts";
import { full } from "./stages.ts";

/** Where the records stay, to be read. */
const folder = new URL("../results/taught/", import.meta.url);

/**
 * The larger model as a teacher: it writes as many pairs as there are real ones, from the instructions alone, and a
 * program is compiled from them.
 */
export function taughtColumn(gguf: string): Column {
  return {
    name: "taught",
    title: "compiled, taught by the larger model",
    async answers(task) {
      const start = performance.now();
      const file = fileURLToPath(new URL(`${task.name}.paw`, folder));
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, instructionsText(task));
      const { usage } = await teach(read(file), { gguf }, { pairs: task.train.length });
      const teacherMinutes = (performance.now() - start) / 60_000;
      const known = new Set(task.test.map(({ input }) => input.trim()));
      const pairs = read(file).examples.map(({ input, output }) => ({ input: String(input), output: String(output) }));
      const taught = pairs.filter(({ input }) => !known.has(input.trim()));
      const bare = { ...task, train: [] };
      const answers = await full.answers(bare, taskSpec(bare, taught));
      const numbers = {
        ...answers?.numbers,
        pairs: taught.length,
        calls: usage.calls,
        tokens: usage.inputTokens + usage.outputTokens,
        teacherMinutes,
      };
      return answers && { ...answers, numbers };
    },
  };
}

function read(file: string): Spec {
  const { spec, diagnostics } = readSpec(file);
  if (!spec) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return spec;
}
