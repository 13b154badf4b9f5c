import { outputLabels, renderOutput } from "@unplugin-paw/program";
import { type Answer, answerAll, type Engine, type Runnable } from "@unplugin-paw/runtime/decode";
import { type LocalEngine, sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Spec } from "@unplugin-paw/spec";
import type { Task } from "../suite.ts";

/** The interpreter that a spec asks for. */
export async function engineOf({ interpreter }: Spec): Promise<LocalEngine> {
  return await sharedEngine(interpreter === undefined ? {} : { id: interpreter });
}

/** A program's answers to a task's test inputs, as text. */
export async function programAnswers(engine: Engine, program: Runnable, { test }: Task): Promise<string[]> {
  const inputs = test.map(({ input }) => input);
  const found = await answerAll(engine, program, inputs);
  return found.map((one) => answerText(program, one));
}

/** An answer as the model would write it. */
export function answerText({ contract }: Pick<Runnable, "contract">, answer: Answer): string {
  if (answer.error) return rawText(answer.error);
  // (Nothing is said where a classifier abstains.)
  return answer.value === null && outputLabels(contract) ? "" : renderOutput(contract, answer.value);
}

/** What was said before it went wrong: an answer that runs on may still overlap with the right one. */
function rawText(error: NonNullable<Answer["error"]>): string {
  return "raw" in error ? (error.raw ?? "") : "";
}
