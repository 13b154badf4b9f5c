import { openInterpreter } from "@unplugin-paw/interpreter";
import { beforeAll, describe, expect, it } from "vitest";
import type { Choices } from "./choices.ts";
import type { Vocabulary } from "./interfaces.ts";
import { isOfWholeWords, verbatimChoices } from "./verbatim.ts";

let vocabulary: Vocabulary;
let stop: number;
beforeAll(async () => {
  vocabulary = await openInterpreter();
  stop = vocabulary.tokenizer.special(vocabulary.chat.stop);
});

/** How many tokens of an answer, its end included, are favoured before one is not. */
function followed(input: string, answer: string, wholeWords?: boolean): { favoured: number; of: number } {
  const tokens = [...vocabulary.tokenizer.encode(answer), stop];
  const verbatim = { by: 3, besides: ["none", "not named"], ...(wholeWords !== undefined && { wholeWords }) };
  let place: Choices = verbatimChoices(input, verbatim, vocabulary.tokenizer, stop);
  let favoured = 0;
  for (const token of tokens) {
    expect(place.next).toBeUndefined();
    if (!place.favoured?.has(token)) break;
    expect(place.favoured.by).toBe(3);
    favoured++;
    place = place.after(token);
  }
  return { favoured, of: tokens.length };
}

it.each([
  ["Yours, Ann Lee", "Ann Lee"],
  ["Yours, Ann Lee", " Lee"],
  ["größe 🦊🦊 ß", "🦊 ß"],
  ["a\r\nb\tc", "\nb\tc"],
  ["half a pair \ud83e, and on", "and"],
  ["Yours, Ann Lee", "none"],
  ["Yours, Ann Lee", "not named"],
  ["", "none"],
])("favours every token of a part of %j, or of another answer: %j", (input, answer) => {
  const { favoured, of } = followed(input, answer);
  expect(favoured).toBe(of);
});

it.each([
  ["Yours, Ann Lee", "Anna"],
  ["Yours, Ann Lee", "ann"],
  ["Yours, Ann Lee", "Ann Lee Ann"],
  ["Yours, Ann Lee", ""],
  ["Yours, Ann Lee", "non"],
  ["Yours, Ann Lee", "none named"],
  ["", "a"],
])("favours nothing that leaves %j: %j", (input, answer) => {
  const { favoured, of } = followed(input, answer);
  expect(favoured).toBeLessThan(of);
});

describe("whole words", () => {
  const cases: [string, string][] = [
    ["Yours, Ann Lee", "Ann Lee"],
    ["Yours, Ann Lee", "Ann"],
    ["Yours, Ann Lee", ", Ann"],
    ["BENNETT, Jo", "BENNETT"],
    ["Jo Ann Ann-Lee", "Ann-Lee"],
    ["at 05:45PM.", "05:45PM"],
    ["at 05:45PM.", "05:45PM."],
    ["at 05:45PM.", "45PM"],
    ["größe 🦊🦊 ß", "🦊 ß"],
    ["größe 🦊🦊 ß", "größe"],
    ["Łódź, Zürich", "Zürich"],
    ["half a pair \ud83e, and on", "and"],
  ];

  it.each(cases)("favours every token of %j: %j", (input, answer) => {
    const { favoured, of } = followed(input, answer, true);
    expect(favoured).toBe(of);
    expect(isOfWholeWords(input, answer)).toBe(true);
  });

  const halves: [string, string][] = [
    ["BENNETT, Jo", "NETT"],
    ["BENNETT, Jo", "BEN"],
    ["Jo Anna", "Ann"],
    ["at 05:45PM.", "45"],
    ["größe 🦊🦊 ß", "öße"],
    ["日本語の文", "本語"],
    ["Yours, Ann Lee", "Lea"],
  ];
  it.each(halves)("do not favour what is half of one in %j: %j", (input, answer) => {
    const { favoured, of } = followed(input, answer, true);
    expect(favoured).toBeLessThan(of);
    expect(isOfWholeWords(input, answer)).toBe(false);
  });

  it("are no matter of the other answers, nor of a program that says nothing of them", () => {
    expect(followed("", "not named", true)).toEqual({ favoured: 3, of: 3 });
    const { favoured, of } = followed("BENNETT, Jo", "NETT");
    expect(favoured).toBe(of);
    expect(isOfWholeWords("Ann", "")).toBe(false);
  });
});

it("favours nothing behind what left the input, even where it comes back to it", () => {
  const { tokenizer } = vocabulary;
  const start = verbatimChoices("Yours, Ann", { by: 3, besides: [] }, tokenizer, stop);
  const [away] = tokenizer.encode("the") as [number];
  expect(start.favoured?.has(away)).toBe(false);
  expect(start.after(away).favoured).toBeUndefined();
});
