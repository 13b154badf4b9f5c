import { isInRange, type NumeralForm, startsInRange } from "./range.ts";

/**
 * How far a number is written: a phase, and how many digits of it. Numbers are as JavaScript writes them, with a limit
 * to each part, so that every one of them is finite. Of a range, which has no exponents, it is the text so far.
 */
export type NumeralState = string;

export const NUMERAL_START: NumeralState = "start";

/**
 * Most digits of a part, as `String(number)` has them: a fraction has five zeros before seventeen digits, below that it
 * has an exponent. Of an exponent above zero there are two, as with three the number may be infinite.
 */
const most = { integer: 21, fraction: 22, exponent: 2, smallness: 3 };

const hasBounds = ({ minimum, maximum }: NumeralForm) => minimum !== undefined || maximum !== undefined;
const textOf = (state: NumeralState) => (state === NUMERAL_START ? "" : state);

/** What may follow in a state: characters, and the state after each. */
export function numeralSteps(state: NumeralState, form: NumeralForm): [character: string, after: NumeralState][] {
  if (hasBounds(form)) {
    const ways = [..."-0123456789."].map((character): [string, string] => [character, textOf(state) + character]);
    return ways.filter(([, text]) => startsInRange(text, form));
  }
  const { isInteger } = form;
  const [phase = "", count = "0"] = state.split(" ");
  const digits = (from: number, after: string) =>
    Array.from({ length: 10 - from }, (_, i): [string, string] => [String(i + from), after]);
  const more = (part: keyof typeof most) =>
    Number(count) < most[part] ? digits(0, `${part} ${Number(count) + 1}`) : [];
  const point: [string, string][] = isInteger ? [] : [[".", "point"]];
  const e: [string, string][] = isInteger ? [] : [["e", "e"]];
  switch (phase) {
    case "start":
      return [["-", "minus"], ["0", "zero"], ...digits(1, "integer 1")];
    case "minus":
      return [["0", "zero"], ...digits(1, "integer 1")];
    case "zero":
      return point;
    case "integer":
      return [...more("integer"), ...point, ...e];
    case "point":
      return digits(0, "fraction 1");
    case "fraction":
      return [...more("fraction"), ...e];
    case "e":
      return [
        ["+", "plus"],
        ["-", "less"],
      ];
    case "plus":
      return digits(1, "exponent 1");
    case "less":
      return digits(1, "smallness 1");
    default:
      return more(phase as "exponent" | "smallness");
  }
}

/** Whether a number may end here. */
export function isNumeral(state: NumeralState, form: NumeralForm): boolean {
  if (hasBounds(form)) return isInRange(textOf(state), form);
  return ["zero", "integer", "fraction", "exponent", "smallness"].includes(state.split(" ")[0] as string);
}

/** A short rest of a number, so that it may end: what ends it, where there is that, or the first that may stand. */
export function restOfNumeral(from: NumeralState, form: NumeralForm): string {
  let [state, rest] = [from, ""];
  while (!isNumeral(state, form)) {
    const steps = numeralSteps(state, form);
    const [character, after] = steps.find(([, after]) => isNumeral(after, form)) ?? (steps[0] as [string, string]);
    rest += character;
    state = after;
  }
  return rest;
}

/** The longest numeral at a place of a text, as the steps above allow it; empty where there is none. */
export function numeralAt(text: string, at: number, form: NumeralForm): string {
  let state = NUMERAL_START;
  let end = at;
  for (let i = at; i < text.length; i++) {
    const step = numeralSteps(state, form).find(([character]) => character === text[i]);
    if (!step) break;
    state = step[1];
    if (isNumeral(state, form)) end = i + 1;
  }
  return text.slice(at, end);
}
