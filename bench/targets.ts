import { compile, programMeta } from "@unplugin-paw/compiler";
import { type PawClassifier, program } from "@unplugin-paw/runtime";
import type { Browser } from "playwright-core";
import { openPage } from "../test/browser/page.ts";
import { openSite, type TestProgram } from "../test/browser/site.ts";
import { launch } from "../test/web/browser.ts";
import type { Options } from "./options.ts";
import { mean, printTable, writeResults } from "./report.ts";
import { readSuite, type Task, taskSpec } from "./suite.ts";

/** Four tasks of closed labels and two of texts, 50 inputs each. */
const defaultTasks =
  "bank-support-intent,comment-spam,product-review-sentiment,stackoverflow-tag,booking-time,change-tense";

/** One answer: its text, and of closed labels all probabilities. */
interface Answer {
  text: string;
  probabilities?: Record<string, number>;
}

/** The same programs and inputs on every target: Node, and a browser's WebAssembly with one thread and with several. */
export default async function targetsBench({ suite, tasks = defaultTasks, tests = "50" }: Options): Promise<void> {
  if (!suite) throw new Error("targets needs --suite DIR, a folder with tasks/*.json");
  const all = readSuite(suite, tasks.split(",")).map((task) => ({
    ...task,
    train: task.train.slice(0, 32),
    test: task.test.slice(0, Number(tests)),
  }));
  const programs: Record<string, TestProgram> = {};
  for (const task of all) {
    const made = await compile(taskSpec(task));
    programs[task.name] = { meta: programMeta(made.program), weights: made.weights };
  }
  const functions = Object.fromEntries(
    Object.entries(programs).map(([name, { weights, meta }]) => [
      name,
      program(weights, meta) as PawClassifier<string, string>,
    ]),
  );
  const node = await answersOf(all, async ({ name }, input, method) => {
    const made = functions[name] as PawClassifier<string, string>;
    return await (method === "classify" ? made.classify(input) : made(input));
  });

  const chromium = await launch();
  const rows: { target: string; kind: string; inputs: number; equal: number; shift: number | null }[] = [];
  for (const isolated of [false, true]) {
    const found = await inBrowser(chromium, programs, all, isolated);
    for (const kind of ["labels", "texts"]) {
      const of = all.filter(({ labels }) => (labels ? "labels" : "texts") === kind).map(({ name }) => name);
      const pairs = of.flatMap((name) => (node[name] as Answer[]).map((a, i) => [a, found[name]?.[i]] as const));
      if (pairs.length === 0) continue;
      rows.push({
        target: isolated ? "wasm, threads" : "wasm, one thread",
        kind,
        inputs: pairs.length,
        equal: mean(pairs.map(([a, b]) => Number(a.text === b?.text))),
        shift: kind === "labels" ? Math.max(...pairs.map(([a, b]) => largestShift(a, b))) : null,
      });
    }
  }
  await chromium.close();
  printTable(
    ["target", "answers", "inputs", "equal to Node's", "largest shift of a probability"],
    rows.map(({ target, kind, inputs, equal, shift }) => [
      target,
      kind,
      inputs,
      equal.toFixed(4),
      shift?.toExponential(1) ?? "–",
    ]),
  );
  writeResults("targets", { tasks: all.map(({ name }) => name), rows });
  process.exit(0);
}

type Call = (task: Task, input: string, method: "call" | "classify") => Promise<unknown>;

async function answersOf(tasks: readonly Task[], call: Call): Promise<Record<string, Answer[]>> {
  const out: Record<string, Answer[]> = {};
  for (const task of tasks) {
    const answers: Answer[] = [];
    for (const { input } of task.test) {
      // A text that does not end is an error everywhere; what it says differs a little.
      const found = await call(task, input, task.labels ? "classify" : "call").catch(() => "(no answer)");
      if (typeof found === "string") answers.push({ text: found });
      else {
        const { label, probabilities } = found as { label: string; probabilities: Record<string, number> };
        answers.push({ text: label, probabilities });
      }
    }
    out[task.name] = answers;
  }
  return out;
}

async function inBrowser(
  chromium: Browser,
  programs: Record<string, TestProgram>,
  tasks: readonly Task[],
  isolated: boolean,
): Promise<Record<string, Answer[]>> {
  const site = await openSite(programs, { isolated });
  const context = await chromium.newContext();
  const page = await openPage(context, site, programs);
  const found = await answersOf(tasks, (task, input, method) => page.call(task.name, method, input));
  await context.close();
  await site.close();
  return found;
}

function largestShift(a: Answer, b: Answer | undefined): number {
  const labels = Object.keys(a.probabilities ?? {});
  return Math.max(
    ...labels.map((label) => Math.abs((a.probabilities?.[label] ?? 0) - (b?.probabilities?.[label] ?? 0))),
  );
}
