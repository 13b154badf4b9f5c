const MAX_DEPTH = 64;

/**
 * `JSON.parse` for untrusted text: refuses nesting over 64 levels (what walks the value later may recurse), any `__proto__` key (what
 * copies the value later must not change a prototype), and numbers that overflow to infinity.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  check(value, 0);
  return value;
}

function check(value: unknown, depth: number): void {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw new SyntaxError("a number is too large");
  if (typeof value !== "object" || value === null) return;
  if (depth === MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`);
  if (Object.hasOwn(value, "__proto__")) throw new SyntaxError('a key is named "__proto__"');
  for (const item of Object.values(value)) check(item, depth + 1);
}
