import { answerLimit, promptTokens } from "@unplugin-paw/compiler/internals";
import type { Column } from "./column.ts";
import { engineOf, programAnswers } from "./program.ts";

/** Room for a many-shot prompt; the interpreter's context is 2048, and an input and its answer have to fit behind. */
const promptLimit = 1500;

/** What a developer does without a compiler: the author's instructions and up to `most` training pairs as a prompt. */
function prompted(name: string, title: string, most: number): Column {
  return {
    name,
    title,
    async answers(task, spec) {
      const { contract, instructions } = spec;
      const engine = await engineOf(spec);
      const prompt = (shots: typeof task.train) => promptTokens(engine.interpreter, { instructions, shots });
      const shots: typeof task.train = [];
      for (const pair of task.train) {
        if (shots.length < most && prompt([...shots, pair]).length <= promptLimit) shots.push(pair);
      }
      const tokens = prompt(shots);
      const program = {
        contract,
        prefix: await engine.session.prefill(tokens),
        calibration: { temperature: 1 },
        answerTokens: answerLimit(task.train.map(({ output }) => engine.interpreter.tokenizer.encode(output).length)),
      };
      return {
        texts: await programAnswers(engine, program, task),
        numbers: { shots: shots.length, promptTokens: tokens.length },
      };
    },
  };
}

export const instructions: Column = prompted("instructions", "instructions only", 0);
export const fourShot: Column = prompted("fourShot", "4-shot prompt", 4);
export const manyShot: Column = prompted("manyShot", "many-shot prompt", Number.POSITIVE_INFINITY);
