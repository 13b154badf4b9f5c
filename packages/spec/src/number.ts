import { quote } from "./diagnostics.ts";

/** True where a decimal number has no more digits than a number of JavaScript keeps. */
export function isExact(text: string): boolean {
  const written = digits(text);
  return written.length <= 15 || written === digits(String(Number(text)));
}

/** What is wrong with a number that is not. */
export function inexact(text: string): { message: string; hint: string } {
  const message = `${quote(text)} has more digits than a number keeps: it would be read as ${Number(text)}.`;
  return { message, hint: "Round it, or make the type `string`: a number that is a name, as an order's, is a text." };
}

/** The digits of a number without the zeros around them. */
function digits(text: string): string {
  const all = (text.split(/e/i, 1)[0] as string).replace(/[-+.]/g, "").replace(/^0+/, "");
  let end = all.length;
  while (all[end - 1] === "0") end--;
  return all.slice(0, end);
}
