import { openInterpreter, type Tokenizer } from "@unplugin-paw/interpreter";
import { beforeAll, expect, it } from "vitest";
import { GrowingText } from "./growing-text.ts";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = (await openInterpreter()).tokenizer;
});

it.each(["", " \n", "Paris", " two  words\n\n and a line\n", "Zürich 😀👩‍👩‍👧 日本語\uFFFD!", "\uFFFD", "\ufeffmark"])(
  "gives %j in parts, each whole characters",
  (text) => {
    const tokens = tokenizer.encode(text);
    const growing = new GrowingText(tokenizer);
    const parts = tokens.map((_, i) => growing.next(tokens.slice(0, i + 1)));
    // What is left in the end is certain only there.
    const answer = tokenizer.decode(tokens).trim();
    expect(answer.startsWith(parts.join(""))).toBe(true);
    expect(answer.slice(parts.join("").length)).toMatch(/^\uFFFD*$/);
  },
);
