import {
  borrowTrainer,
  logProbability,
  prepare,
  promptTokens,
  seededRandom,
  trainingSet,
} from "@unplugin-paw/compiler/internals";
import { answerAll } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Example } from "@unplugin-paw/trainer";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";
import { readSuite, taskSpec } from "./suite.ts";

/** Training graph and run graph on the same inputs behind the same prefix: the share of labels that are equal. */
export default async function agreement({ suite, tasks, tests = "200" }: Options): Promise<void> {
  if (!suite) throw new Error("agreement needs --suite DIR, a folder with tasks/*.json");
  const engine = await sharedEngine({ id: "smollm2-135m-instruct" });
  const trainer = await borrowTrainer(engine, "columns");
  const rows: { task: string; inputs: number; equal: number }[] = [];
  for (const task of readSuite(suite, tasks?.split(","))) {
    if (!task.labels) continue;
    const spec = taskSpec({ ...task, train: task.train.slice(0, 8) });
    const { shots } = await prepare(spec, engine, seededRandom(0), undefined);
    const tokens = promptTokens(engine.interpreter, { instructions: spec.instructions, shots });
    const prefix = await engine.session.prefill(tokens);
    const inputs = task.test.slice(0, Number(tests)).map(({ input }) => input);
    const program = { contract: spec.contract, prefix, calibration: { temperature: 1 }, answerTokens: 32 };
    const answers = await answerAll(engine, program, inputs);

    // The training graph gives each branch on the way to a label: a label's score is their sum.
    const shape = [prefix.layers, prefix.heads, prefix.tokens, prefix.headSize];
    const parameters = { keys: { shape, data: prefix.keys }, values: { shape, data: prefix.values } };
    let equal = 0;
    for (const [i, input] of inputs.entries()) {
      const set = trainingSet(
        engine,
        spec.contract,
        task.labels.map((output) => ({ input, output })),
      );
      // Labels that part at the same place share a row: for most label sets one row says it all.
      const places = new Map<string, Example>();
      const key = ({ ids }: Example, place: number) => `${ids.slice(0, place + 1)}`;
      for (const example of set.examples) {
        for (const one of example.answers) places.set(key(example, one.place), { ids: example.ids, answers: [one] });
      }
      const batch = { examples: [...places.values()], ...(set.columns && { columns: set.columns }) };
      const logits = await trainer.logits(batch, parameters);
      const rowOf = new Map([...places.keys()].map((place, row) => [place, logits[row] as Float32Array]));
      const scores = set.examples.map((example) =>
        example.answers.reduce((sum, { place, targets: [target = 0] }) => {
          return sum + logProbability(rowOf.get(key(example, place)) as Float32Array, target);
        }, 0),
      );
      const best = task.labels[scores.indexOf(Math.max(...scores))];
      equal += Number(answers[i]?.error === undefined && answers[i]?.value === best);
    }
    rows.push({ task: task.name, inputs: inputs.length, equal });
    console.error(JSON.stringify(rows.at(-1)));
  }
  const total = (key: "inputs" | "equal") => rows.reduce((sum, row) => sum + row[key], 0);
  const share = total("equal") / total("inputs");
  printTable(
    ["task", "inputs", "equal labels"],
    [...rows.map(({ task, inputs, equal }) => [task, inputs, equal]), ["**all**", total("inputs"), share.toFixed(4)]],
  );
  writeResults("agreement", { rows, share });
  process.exit(0);
}
