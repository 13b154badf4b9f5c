import { promptTokens } from "@unplugin-paw/compiler/internals";
import { decodeProgram, encodeProgram, type Program } from "@unplugin-paw/program";
import { type Answer, answerAll } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";
import { readSuite, taskSpec } from "./suite.ts";

const testInputs = 40;

/**
 * How a prefix's encoding changes answers: labels (or texts) equal to those with the float32 prefix, and the shift of
 * probabilities.
 */
export default async function prefix({ suite, tasks }: Options): Promise<void> {
  if (!suite) throw new Error("prefix needs --suite DIR, a folder with tasks/*.json");
  const engine = await sharedEngine();
  const rows: { task: string; encoding: string; equal: number; shift: number; kilobytes: number }[] = [];
  for (const task of readSuite(suite, tasks?.split(","))) {
    const spec = taskSpec({ ...task, train: task.train.slice(0, 32) });
    const shots: typeof task.train = [];
    for (const pair of task.train) {
      if (promptTokens(engine.interpreter, { instructions: spec.instructions, shots: [...shots, pair] }).length <= 256)
        shots.push(pair);
    }
    const made: Program = {
      name: "prefix",
      interpreter: { id: engine.interpreter.id, digest: engine.interpreter.digest },
      spec: { digest: "bench" },
      compiler: { version: "bench", effort: "bench", seed: 0 },
      contract: spec.contract,
      pseudoProgram: "",
      prefix: await engine.session.prefill(
        promptTokens(engine.interpreter, { instructions: spec.instructions, shots }),
      ),
      calibration: { temperature: 1 },
      answerTokens: 32,
      scores: { stages: [], tests: null },
      licence: "Apache-2.0",
    };
    const inputs = task.test.slice(0, testInputs).map(({ input }) => input);
    const exact = await answerAll(engine, made, inputs);
    for (const encoding of ["f16", "i8"] as const) {
      const bytes = encodeProgram(made, { prefix: encoding });
      const found = await answerAll(engine, decodeProgram(bytes), inputs);
      const same = found.filter((one, i) => shown(one) === shown(exact[i]));
      const shift = Math.max(
        0,
        ...found.map((one, i) => {
          const before = exact[i];
          if (one.error || before?.error || !one.classification) return 0;
          const exactly = before?.classification?.probabilities ?? {};
          const shifts = Object.entries(one.classification.probabilities).map(
            ([label, p]) => p - (exactly[label] ?? 0),
          );
          return Math.max(...shifts.map(Math.abs));
        }),
      );
      rows.push({
        task: task.name,
        encoding,
        equal: same.length / inputs.length,
        shift,
        kilobytes: bytes.length / 1000,
      });
      console.error(JSON.stringify(rows.at(-1)));
    }
  }
  printTable(
    ["task", "encoding", "equal answers", "largest shift of a probability", "kB"],
    rows.map(({ task, encoding, equal, shift, kilobytes }) => [
      task,
      encoding,
      equal.toFixed(3),
      shift.toFixed(3),
      kilobytes.toFixed(0),
    ]),
  );
  writeResults("prefix", { rows });
}

function shown(answer: Answer | undefined): string {
  return answer?.error ? answer.error.message : JSON.stringify(answer?.value);
}
