import type { Spec } from "@unplugin-paw/spec";
import type { Task } from "../suite.ts";

/** One way to answer a task's test inputs. */
export interface Column {
  /** For `--columns` and the results. */
  name: string;
  /** The table's heading. */
  title: string;
  /**
   * Answers every test input of a task, in order.
   *
   * @param task `train` holds only the pairs that may be learnt from, `test` only the inputs that are scored; the
   *   expected outputs are not to be read
   * @param spec the task as a spec whose examples are `task.train`
   * @returns undefined where the column does not apply: shown as a dash
   */
  answers(task: Task, spec: Spec): Promise<Answers | undefined>;
}

export interface Answers {
  /** One a test input; empty where there is no answer. */
  texts: string[];
  /** What else is worth keeping, by name: seconds to compile, validation scores. */
  numbers?: Record<string, number>;
}
