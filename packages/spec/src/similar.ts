/**
 * Two texts of which one is nearly a copy of the other are more alike than this; two sentences on one topic are less.
 */
const NEAR = 0.6;

/**
 * How alike two texts are, 0 to 1: the shared part of their character trigrams (Jaccard index), which sees through a
 * changed name, number or order of words.
 *
 * @example
 * similarity("Where is my order 4521?", "Where is my order 4522?"); // 0.84
 */
export function similarity(a: string, b: string): number {
  return overlap(trigrams(a), trigrams(b));
}

/**
 * Says whether a text is nearly a copy of one that it was given before.
 *
 * @example
 * const isNear = nearCopies();
 * isNear("Where is my order 4521?"); // false: it is the first
 * isNear("Where is my order 4522?"); // true
 */
export function nearCopies(): (text: string) => boolean {
  const known: Set<string>[] = [];
  return (text) => {
    const own = trigrams(text);
    if (known.some((other) => overlap(own, other) > NEAR)) return true;
    known.push(own);
    return false;
  };
}

/** Of words and their gaps: punctuation, blanks and case do not count. */
function trigrams(text: string): Set<string> {
  const plain = ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
  const found = new Set<string>();
  for (let i = 0; i + 3 <= plain.length; i++) found.add(plain.slice(i, i + 3));
  if (found.size === 0) found.add(plain);
  return found;
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const part of a) if (b.has(part)) shared++;
  return shared / (a.size + b.size - shared);
}
