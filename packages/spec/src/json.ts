/** Where JSON text stops being JSON, and what is wrong there. */
export interface JsonError {
  offset: number;
  message: string;
}

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

/**
 * Scans JSON text for what `JSON.parse` does not tell: the offset of the first error, and the offsets of the elements of a
 * top-level array.
 */
export function scanJson(text: string): { elements: number[]; error?: JsonError } {
  const elements: number[] = [];
  const open: string[] = [];
  let expected: "value" | "key" | "colon" | "more" | "end" = "value";
  let mayClose = false; // right behind `[` or `{`
  for (let at = skipBlank(text, 0); ; at = skipBlank(text, at)) {
    const character = text[at];
    const fail = (message: string) => ({ elements, error: { offset: at, message } });
    if (character === undefined) return expected === "end" ? { elements } : fail("the text ends too early");
    if (expected === "end") return fail(`unexpected ${show(character)} behind the value`);
    const inside = open.at(-1);
    if ((character === "]" || character === "}") && (mayClose || expected === "more")) {
      if (inside !== (character === "]" ? "[" : "{")) return fail(`unexpected ${show(character)}`);
      open.pop();
      at++;
      mayClose = false;
      expected = open.length === 0 ? "end" : "more";
    } else if (expected === "more") {
      if (character !== ",") return fail(`expected a comma, found ${show(character)}`);
      at++;
      expected = inside === "{" ? "key" : "value";
    } else if (expected === "colon") {
      if (character !== ":") return fail(`expected a colon, found ${show(character)}`);
      at++;
      expected = "value";
    } else {
      if (expected === "key" && character !== '"')
        return fail(`expected a key in double quotes, found ${show(character)}`);
      if (expected === "value" && open.length === 1 && inside === "[") elements.push(at);
      if (expected === "value" && (character === "[" || character === "{")) {
        open.push(character);
        at++;
        mayClose = true;
        expected = character === "{" ? "key" : "value";
        continue;
      }
      const end = character === '"' ? stringEnd(text, at) : scalarEnd(text, at);
      if (end === undefined)
        return fail(character === '"' ? "a wrong or unclosed string" : `unexpected ${show(character)}`);
      at = end;
      mayClose = false;
      expected = expected === "key" ? "colon" : open.length === 0 ? "end" : "more";
    }
  }
}

function skipBlank(text: string, at: number): number {
  let next = at;
  while (" \n\t\r".includes(text[next] ?? "x")) next++;
  return next;
}

function stringEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1;
    if ((text[at] as string) < " ") return undefined;
    if (text[at] !== "\\") continue;
    at++;
    if (text[at] === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4;
    else if (!'"\\/bfnrt'.includes(text[at] ?? "x")) return undefined;
  }
  return undefined;
}

function scalarEnd(text: string, start: number): number | undefined {
  SCALAR.lastIndex = start;
  return SCALAR.test(text) ? SCALAR.lastIndex : undefined;
}

const show = (character: string): string => JSON.stringify(character);
