/**
 * The same text as other people write it, as far as it can be: with its first letter in the other case, with a final
 * point that it lacked or without the one that it had, with both. A question mark or an exclamation mark says something,
 * and stays. (Blanks, too, differ between writers: those the model never sees, `renderInput`.)
 *
 * @example
 * rewritten("Where is it"); // ["where is it", "Where is it.", "where is it."]
 */
export function rewritten(text: string): string[] {
  const ways = [otherCase(text), otherPoint(text), otherPoint(otherCase(text))];
  return [...new Set(ways)].filter((way) => way !== text);
}

/** A text with its first letter in the other case. */
export function otherCase(text: string): string {
  return text.replace(/\p{L}/u, (first) => (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()));
}

function otherPoint(text: string): string {
  if (/[^.]\.$/.test(text)) return text.slice(0, -1);
  return /[\p{L}\p{N}]$/u.test(text) ? `${text}.` : text;
}
