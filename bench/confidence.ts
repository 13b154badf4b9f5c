import { type Answer, answerAll, type Engine, type Runnable } from "@unplugin-paw/runtime/decode";
import { answerText } from "./columns/program.ts";
import type { Task } from "./suite.ts";

/** What says nothing in any task: no words, no sense, a language that no task is in. */
const strange = [
  "asdf jkl; qwer uiop",
  "blorp vexin tarmo quill sneb",
  "0x7f 0x45 0x4c 0x46",
  "........ !!! ???",
  "lorem ipsum dolor sit amet, consectetur adipiscing elit",
  "xkcd zzzz 12 12 12 %%% _/_/_/",
  "Der Zug nach Lübeck fährt heute von Gleis sieben.",
  "Wir haben gestern die Äpfel vom Baum geholt.",
  "El gato duerme sobre la mesa de la cocina.",
  "Mañana iremos a la playa con los primos.",
  "Il pleut depuis trois jours dans la vallée.",
  "La bibliothèque ferme à dix-huit heures.",
  "今日は山に登りました。",
  "这本书的第三章讲的是河流。",
  "Завтра мы поедем на дачу.",
  "Wczoraj padał śnieg, a dziś świeci słońce.",
];

/** Inputs that a task was not written for: some of every other task's, and what says nothing anywhere. */
export function outsideInputs(task: Task, tasks: readonly Task[]): string[] {
  const others = tasks.filter(({ name }) => name !== task.name);
  return [...others.flatMap(({ test }) => test.slice(0, 5).map(({ input }) => input)), ...strange];
}

/** A program's probabilities: what they are worth. */
export interface Confidence {
  /** Expected calibration error, ten bins of equal width (https://arxiv.org/abs/1706.04599). */
  ece: number;
  /** Of texts: how often a right answer has a higher probability than a wrong one (area under the ROC curve). */
  auc?: number;
  /** Share of inputs from outside that are answered with a probability over .8. */
  outside?: number;
  /** Of a program that abstains: share of the inputs that it answers, and of these answers the right ones. */
  coverage?: number;
  precision?: number;
}

/** Share of outside inputs above this probability is what {@link Confidence.outside} counts. */
const sure = 0.8;

/** @param answers the program's to the task's test inputs */
export async function confidenceOf(
  engine: Engine,
  program: Runnable,
  task: Task,
  answers: readonly Answer[],
): Promise<Confidence | undefined> {
  if (!task.labels) return textConfidence(program, task, answers);
  const rows = answers.map((answer, i) => {
    const { label, probability } = certaintyOf(answer);
    return { probability, right: label === task.test[i]?.output };
  });
  const given = rows.filter((_, i) => !isAbstained(answers[i] as Answer));
  const outside = task.outside && (await answerAll(engine, program, task.outside)).map(certaintyOf);
  return {
    ece: calibrationError(rows),
    ...(program.contract.abstain !== undefined && {
      coverage: given.length / rows.length,
      ...(given.length > 0 && { precision: given.filter(({ right }) => right).length / given.length }),
    }),
    ...(outside && { outside: outside.filter(({ probability }) => probability > sure).length / outside.length }),
  };
}

function textConfidence(program: Runnable, task: Task, answers: readonly Answer[]): Confidence {
  const rows = answers.map((answer, i) => ({
    probability: (!answer.error && answer.certainty?.probability) || 0,
    right: answerText(program, answer).trim() === task.test[i]?.output.trim(),
  }));
  const wrong = rows.filter(({ right }) => !right);
  const pairs = rows
    .filter(({ right }) => right)
    .flatMap((one) => wrong.map((two) => one.probability - two.probability));
  const wins = pairs.reduce((sum, difference) => sum + (Math.sign(difference) + 1) / 2, 0);
  return { ece: calibrationError(rows), ...(pairs.length > 0 && { auc: wins / pairs.length }) };
}

const isAbstained = (answer: Answer) => !answer.error && answer.classification?.abstained === true;

function certaintyOf(answer: Answer): { label: string; probability: number } {
  const { label, probability } = (!answer.error && answer.classification) || { label: "", probability: 0 };
  return { label: String(label), probability };
}

function calibrationError(rows: readonly { probability: number; right: boolean }[]): number {
  const bins = Array.from({ length: 10 }, () => ({ count: 0, probability: 0, right: 0 }));
  for (const { probability, right } of rows) {
    const bin = bins[Math.min(9, Math.floor(probability * 10))] as (typeof bins)[0];
    bin.count++;
    bin.probability += probability;
    bin.right += Number(right);
  }
  return bins.reduce((sum, { probability, right }) => sum + Math.abs(probability - right), 0) / rows.length;
}
