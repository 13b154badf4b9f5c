/** How probable an answer in text is. */
export interface Certainty {
  /** Of the whole answer. */
  probability: number;
  /** Of an object: of each field's value, given what stands before it. */
  fields?: Record<string, number>;
}

/** Tokens this far below the best have less than a thousandth of the probability, all of a vocabulary together. */
const NEGLIGIBLE = 18;

/**
 * The natural logarithm of a token's probability among all tokens of the vocabulary, also where a grammar rules most of
 * them out: a model that wants to write something else is not sure of what it may write.
 */
export function logProbability(logits: Float32Array, token: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > max) max = logit;
  const least = max - NEGLIGIBLE;
  let sum = 0;
  for (const logit of logits) if (logit >= least) sum += Math.exp(logit - max);
  return (logits[token] as number) - max - Math.log(sum);
}

/** Of tokens together. */
export function probabilityOf(logProbabilities: readonly number[]): number {
  return Math.exp(logProbabilities.reduce((sum, one) => sum + one, 0));
}

/**
 * What the tokens of a JSON object say of its fields.
 *
 * @param logProbabilities of each token, 0 where there was no choice; those behind the text count for no field
 * @param ends of each token, where the text ends that comes of it and those before it, in UTF-16 units
 * @param json the object, as it was decoded
 */
export function fieldProbabilities(
  logProbabilities: readonly number[],
  ends: readonly number[],
  json: string,
): Record<string, number> {
  const fields = fieldSpans(json).map(({ name, start, end }) => {
    const isOwn = (_: number, i: number) => i in ends && (ends[i] as number) > start && (ends[i - 1] ?? 0) < end;
    return [name, probabilityOf(logProbabilities.filter(isOwn))];
  });
  return Object.fromEntries(fields);
}

/** Where the values of an object's fields stand in its JSON. */
function fieldSpans(json: string): { name: string; start: number; end: number }[] {
  const spans: { name: string; start: number; end: number }[] = [];
  let depth = 0;
  let name: string | undefined;
  let start = 0;
  // A string, or a sign that opens, closes or parts; numbers and words are what is between.
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs)) {
    const isEnd = depth === 1 && (token === "," || token === "}");
    if (isEnd && name !== undefined) {
      spans.push({ name, start, end: index });
      name = undefined;
    }
    if (depth === 1 && name === undefined && token.startsWith('"')) name = JSON.parse(token) as string;
    if (depth === 1 && token === ":") start = index + 1;
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
  }
  return spans;
}
