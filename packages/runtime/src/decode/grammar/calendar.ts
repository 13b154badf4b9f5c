/**
 * How far a date is written: `2026-1`. Years that are done stand for all with as many days, so that there are few
 * states.
 */
export type DateState = string;

export const DATE_START: DateState = "";
/** Characters of a date. */
const LENGTH = 10;

/**
 * What may follow: characters, and the state after each; undefined = the date is done. Only days of the calendar can be
 * written.
 */
export function dateSteps(state: DateState): [character: string, after: DateState | undefined][] {
  const place = state.length;
  if (place === 4 || place === 7) return [["-", `${state}-`]];
  const characters = [..."0123456789"].filter((digit) => isPossible(state + digit));
  return characters.map((digit) => [digit, place + 1 === LENGTH ? undefined : shortened(state + digit)]);
}

function isPossible(text: string): boolean {
  if (text.length <= 4) return true;
  const [year = "", month = "", day = ""] = text.split("-");
  if (day === "") return month.length === 1 ? month <= "1" : month >= "01" && month <= "12";
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return day.length === 1 ? Number(day) * 10 <= days : Number(day) >= 1 && Number(day) <= days;
}

/** Of a whole year only whether it is a leap year. (2000 is one, 2001 is none.) */
function shortened(text: string): string {
  if (text.length !== 4) return text;
  const year = Number(text);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? "2000" : "2001";
}

/** The date at a place of a text; empty where there is none. */
export function dateAt(text: string, at: number): string {
  let state: DateState | undefined = DATE_START;
  for (let i = at; i < at + LENGTH; i++) {
    const step: [string, DateState | undefined] | undefined = dateSteps(state).find(
      ([character]) => character === text[i],
    );
    if (!step) return "";
    if (step[1] === undefined) return text.slice(at, i + 1);
    state = step[1];
  }
  return "";
}
