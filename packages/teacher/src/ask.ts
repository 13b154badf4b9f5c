import type { Budget } from "./budget.ts";
import { TeacherError } from "./errors.ts";
import type { Prompt, TeacherModel } from "./model.ts";

/** Asks one question. */
export type Ask = <T>(question: Question<T>) => Promise<T[]>;

/** A question whose answer is JSON, a value a line: of an answer that is cut off, what came whole counts. */
export interface Question<T> {
  user: string;
  maxTokens: number;
  temperature: number;
  /** What each line is, and how many are asked for. */
  list: NonNullable<Prompt["list"]>;
  /** A line's value; undefined for one that is none of what was asked for. */
  read: (value: unknown) => T | undefined;
}

/** Often enough for a slip; a model that cannot do it will not learn it. */
const tries = 3;

/** Asks a teacher, within a budget. An answer without one useful line is asked for again. */
export function asking(open: () => Promise<TeacherModel>, budget: Budget, system: string, signal: AbortSignal): Ask {
  return async ({ user, maxTokens, temperature, list, read }) => {
    const model = await open();
    let last = "";
    for (let attempt = 0; attempt < tries; attempt++) {
      // The likeliest answer would be the same again.
      const prompt: Prompt = { system, user, maxTokens, list, temperature: temperature + 0.3 * attempt };
      const completion = await model.complete(prompt, { signal, onRequest: () => budget.request(prompt) });
      budget.answered(completion);
      last = completion.text;
      const found = jsonLines(last).flatMap((value) => {
        const one = read(value);
        return one === undefined ? [] : [one];
      });
      if (found.length > 0) return found;
    }
    const said = last.trim() === "" ? "nothing" : JSON.stringify(last.trim().slice(0, 200));
    const hint = "Take a larger model, or write examples by hand: paw pairs add.";
    throw new TeacherError("ANSWER", `The teacher ${model.id} was asked for JSON lines, and wrote ${said}.`, hint);
  };
}

/**
 * The JSON values of a text, one a line; lists are opened, and what is no JSON (words around it, a line cut off) is
 * passed over.
 */
export function jsonLines(text: string): unknown[] {
  const whole = parsed(text.replace(/^\s*```\w*\s*|\s*```\s*$/g, ""));
  if (whole) return opened(whole.value);
  return text.split("\n").flatMap((line) => {
    // Lists come with numbers, dashes and commas.
    const value = parsed(line) ?? parsed(line.replace(/^\s*(?:\d+[.)]|[-*])\s+/, "").replace(/[\s,]+$/, ""));
    return value ? opened(value.value) : [];
  });
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function opened(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
