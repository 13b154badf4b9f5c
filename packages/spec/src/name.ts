/** Words that cannot name a variable in a module, and `meta`, which the generated module exports itself. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield NaN Infinity meta"
  ).split(" "),
);

/** The lower-camel JavaScript identifier for a file: `reviews/movie-sentiment.paw` is `movieSentiment`. */
export function nameOf(file: string): string {
  const base = (file.split(/[\\/]/).at(-1) ?? "").replace(/\.paw$/i, "").normalize("NFC");
  const words = base.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const camel = words.map((word, index) => {
    const [first = ""] = word;
    const rest = word.slice(first.length);
    if (index > 0) return first.toUpperCase() + rest;
    return word === word.toUpperCase() ? word.toLowerCase() : first.toLowerCase() + rest;
  });
  // Some letters and digits of other scripts are not allowed in an identifier.
  const name = camel.join("").replace(/[^\p{ID_Continue}]/gu, "");
  if (name === "") return "program";
  return RESERVED.has(name) || !/^\p{ID_Start}/u.test(name) ? `_${name}` : name;
}
