import { openInterpreter, type Tokenizer } from "@unplugin-paw/interpreter";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Choices } from "../choices.ts";
import { quoteChoices, wellFormed } from "./quote.ts";

let tokenizer: Tokenizer;
let stop: number;
beforeAll(async () => {
  const interpreter = await openInterpreter();
  tokenizer = interpreter.tokenizer;
  stop = tokenizer.special(interpreter.chat.stop);
});

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " \n",
    "\u{c0000}\t",
    "a \u{c0000} b",
    "none",
    "not none and void",
    "Grüße, Ann Lee\r\n — 日本 👩‍👩‍👧",
    "aaaa aaaa",
  ),
);

/** Whether an answer can be written. */
function isAllowed(start: Choices, answer: string): boolean {
  let place = start;
  for (const token of tokenizer.encode(answer)) {
    if (!place.next?.includes(token)) return false;
    place = place.after(token);
  }
  return place.next?.includes(stop) ?? false;
}

describe("the parts of a text", () => {
  it("are all that a walk can come to, beside none", () => {
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.nat()), (given, random) => {
        const input = wellFormed(given);
        let place = quoteChoices(input, tokenizer, stop);
        const tokens: number[] = [];
        for (const number of random) {
          const next = place.next as readonly number[];
          const token = next[number % next.length] as number;
          place = place.after(token);
          if (token === stop) break;
          tokens.push(token);
        }
        expect(place.next).toEqual([]);
        const answer = tokenizer.decode(tokens);
        expect(answer).toBe(answer.trim());
        if (answer !== "none") expect(answer !== "" && input.includes(answer)).toBe(true);
      }),
    );
  });

  it("can all be written, as a text by itself is cut into tokens", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (given, from, length) => {
        const input = wellFormed(given);
        const characters = [...input];
        const start = characters.length > 0 ? from % characters.length : 0;
        const part = characters.slice(start, start + 1 + (length % 12)).join("");
        const choices = quoteChoices(input, tokenizer, stop);
        // (Of some bytes that no usual text has, the vocabulary has no token.)
        const isWritten = part.trim() !== "" && tokenizer.decode(tokenizer.encode(part)) === part;
        if (isWritten) expect(isAllowed(choices, part.trim())).toBe(true);
        expect(isAllowed(choices, "none")).toBe(true);
        expect(isAllowed(choices, `${input}!`)).toBe(false);
      }),
    );
  });

  it("can be finished from everywhere, as a part", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), (given, random) => {
        const input = wellFormed(given);
        let place = quoteChoices(input, tokenizer, stop);
        const tokens: number[] = [];
        for (const number of random) {
          const next = (place.next as readonly number[]).filter((token) => token !== stop);
          if (next.length === 0) break;
          const token = next[number % next.length] as number;
          tokens.push(token);
          place = place.after(token);
        }
        const finish = place.finish as readonly number[];
        const answer = tokenizer.decode([...tokens, ...finish]).trim();
        expect(answer === "none" || input.includes(answer)).toBe(true);
        expect(answer).not.toBe("");
      }),
    );
  });

  it("are found in a long text that repeats itself", () => {
    const long = "The quick brown fox jumps over the lazy dog. ".repeat(400);
    expect(isAllowed(quoteChoices(long, tokenizer, stop), "lazy dog. The quick")).toBe(true);
  });
});
