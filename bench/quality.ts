import { compile } from "@unplugin-paw/compiler";
import { answerLimit, prefill, promptTokens } from "@unplugin-paw/compiler/internals";
import { type Program, renderOutput } from "@unplugin-paw/program";
import { answer, type Engine, type Runnable, sharedEngine } from "@unplugin-paw/runtime/internals";
import type { Spec } from "@unplugin-paw/spec";
import { mean, printTable, writeResults } from "./report.ts";
import type { Options } from "./run.ts";
import { readSuite, score, type Task, taskSpec } from "./suite.ts";

/**
 * Quality on held-out inputs, a row a task. All rows answer with the same decoder (labels over their trie, texts greedily), so the
 * columns differ in the prompt only.
 */
export default async function quality({ suite, pairs = "32", tests = "200", tasks }: Options): Promise<void> {
  if (!suite) throw new Error("quality needs --suite DIR, a folder with tasks/*.json");
  const engine = await sharedEngine();
  const rows: {
    task: string;
    metric: string;
    majority: number;
    instructions: number;
    fourShot: number;
    discrete: number;
    seconds: number;
  }[] = [];
  for (const whole of readSuite(suite, tasks?.split(","))) {
    const task = { ...whole, test: whole.test.slice(0, Number(tests)) };
    const spec = taskSpec(task, Number(pairs));
    const compiled = await compile(spec, { cache: false });
    const shots = task.train.slice(0, 4);
    const row = {
      task: task.name,
      metric: task.metric,
      majority: majority(task, Number(pairs)),
      instructions: await scoreProgram(task, await prompted(engine, spec, []), engine),
      fourShot: await scoreProgram(task, await prompted(engine, spec, shots), engine),
      discrete: await scoreProgram(task, compiled.program, engine),
      seconds: compiled.seconds,
    };
    rows.push(row);
    console.error(
      JSON.stringify({ ...row, validation: compiled.program.scores.stages, tokens: compiled.program.prefix.tokens }),
    );
  }
  const columns = ["majority", "instructions", "fourShot", "discrete"] as const;
  const means = columns.map((column) => mean(rows.map((row) => row[column])));
  printTable(
    ["task", "metric", "majority", "instructions only", "4-shot prompt", "discrete stage", "compile s"],
    [
      ...rows.map((row) => [
        row.task,
        row.metric,
        ...columns.map((column) => row[column].toFixed(3)),
        row.seconds.toFixed(1),
      ]),
      ["**mean**", "", ...means.map((value) => value.toFixed(3)), mean(rows.map(({ seconds }) => seconds)).toFixed(1)],
    ],
  );
  writeResults("quality", {
    pairs: Number(pairs),
    tests: Number(tests),
    rows,
    means: Object.fromEntries(columns.map((column, i) => [column, means[i]])),
  });
}

/** The answer that is most frequent among the training pairs, for every input. */
function majority(task: Task, pairs: number): number {
  const counts = new Map<string, number>();
  for (const { output } of task.train.slice(0, pairs)) counts.set(output, (counts.get(output) ?? 0) + 1);
  const [[best] = [""]] = [...counts].sort((a, b) => b[1] - a[1]);
  return mean(task.test.map(({ output }) => score(task, best, output)));
}

/** What a developer does without a compiler: the task's text and some examples as a prompt. */
async function prompted(engine: Engine, spec: Spec, shots: Task["train"]): Promise<Runnable> {
  const tokens = promptTokens(engine.interpreter, { instructions: spec.instructions, shots });
  const prefix = await prefill(engine.session, tokens);
  return {
    contract: spec.contract,
    prefix: prefix,
    calibration: { temperature: 1 },
    answerTokens: answerLimit(
      engine,
      spec.examples.map(({ output }) => String(output)),
    ),
  };
}

async function scoreProgram(task: Task, program: Runnable | Program, engine: Engine): Promise<number> {
  const answers = await answer(
    engine,
    program,
    task.test.map(({ input }) => input),
  );
  return mean(
    answers.map((found, i) => {
      const text = found.error
        ? "raw" in found.error
          ? (found.error.raw ?? "")
          : ""
        : renderOutput(program.contract, found.value);
      return score(task, text, task.test[i]?.output ?? "");
    }),
  );
}
