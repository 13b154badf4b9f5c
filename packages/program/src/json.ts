const MAX_DEPTH = 64;

/**
 * `JSON.parse` for untrusted text: refuses nesting over 64 levels (what walks the value later may recurse), before it makes anything of it;
 * any `__proto__` key (what copies the value later must not change a prototype), and numbers that overflow to infinity.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  checkDepth(text);
  const value: unknown = JSON.parse(text);
  check(value);
  return value;
}

function check(value: unknown): void {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw new SyntaxError("a number is too large");
  if (typeof value !== "object" || value === null) return;
  if (Object.hasOwn(value, "__proto__")) throw new SyntaxError('a key is named "__proto__"');
  for (const item of Object.values(value)) check(item);
}

/**
 * Refuses JSON text whose brackets, outside of strings, are nested over 64 levels.
 *
 * @throws {SyntaxError}
 */
export function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
    } else if (character === "[" || character === "{") {
      if (++depth > MAX_DEPTH) throw tooDeep();
    } else if (character === "]" || character === "}") depth--;
  }
}

const tooDeep = () => new SyntaxError(`nested deeper than ${MAX_DEPTH} levels`);
