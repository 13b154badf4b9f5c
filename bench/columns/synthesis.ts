import { Worker } from "node:worker_threads";
import { openTeacher, type TeacherModel } from "@unplugin-paw/teacher/internals";
import type { Task } from "../suite.ts";
import type { Column } from "./column.ts";

/** How often a model is asked for a function that can be read. */
const tries = 3;
/** Of one call, milliseconds. */
const patience = 1000;

/**
 * Program synthesis: a larger model writes a JavaScript function from the instructions, which answers without any
 * model. What it answers with no label, throws or does not end is wrong.
 */
export function synthesisColumn(path: string): Column {
  let opened: Promise<TeacherModel> | undefined;
  return {
    name: "synthesis",
    title: "the larger model's JavaScript",
    async answers(task) {
      opened ??= openTeacher({ gguf: path }, { patience: 600_000, retries: 0 });
      const code = await writeFunction(await opened, task);
      if (code === undefined) return { texts: task.test.map(() => ""), numbers: { written: 0 } };
      return { texts: await runFunction(code, task), numbers: { written: 1 } };
    },
  };
}

async function writeFunction(model: TeacherModel, { spec, labels }: Task): Promise<string | undefined> {
  const returns = labels ? `one of the strings ${labels.map((label) => JSON.stringify(label)).join(", ")}` : "a string";
  for (let attempt = 0; attempt < tries; attempt++) {
    const { text } = await model.complete(
      {
        system:
          "You are an expert programmer. You answer with one JavaScript function in a code block, and nothing else.",
        user: `Write \`function answer(input)\`, which takes a string and returns ${returns}. It uses no library, no network and no model.\n\n${spec}`,
        maxTokens: 1500,
        temperature: 0.3 * attempt,
      },
      { signal: new AbortController().signal, onRequest: () => {} },
    );
    const code = /```\w*\n([\s\S]*?)(?:```|$)/.exec(text)?.[1] ?? text;
    if (isFunction(code)) return code;
  }
  return undefined;
}

function isFunction(code: string): boolean {
  try {
    new Function(`${code}\nreturn answer;`);
    return /\banswer\b/.test(code);
  } catch {
    return false;
  }
}

/** A thread in which nothing of Node can be reached, and a call that does not end is given up. */
const RUNNER = `
const { workerData, parentPort } = require("node:worker_threads");
const vm = require("node:vm");
const { code, inputs, timeout } = workerData;
const context = vm.createContext(Object.create(null));
const run = (source) => vm.runInContext(source, context, { timeout });
const answer = (input) => {
  try {
    return String(run("answer(" + JSON.stringify(input) + ")"));
  } catch {
    return "";
  }
};
try {
  run(code);
} catch {}
parentPort.postMessage(inputs.map(answer));
`;

async function runFunction(code: string, { test }: Task): Promise<string[]> {
  const inputs = test.map(({ input }) => input);
  const worker = new Worker(RUNNER, {
    eval: true,
    env: {},
    workerData: { code, inputs, timeout: patience },
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  try {
    return await new Promise<string[]>((resolve) => {
      worker.once("message", resolve);
      // Such as out of memory.
      worker.once("error", () => resolve(inputs.map(() => "")));
    });
  } finally {
    await worker.terminate();
  }
}
