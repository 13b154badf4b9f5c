import { nearCopies } from "@unplugin-paw/spec/similar";
import type { Ask } from "./ask.ts";
import { BANK } from "./bank.ts";

/**
 * Has the teacher think first of what the function will meet: a kind of input a line. It is where the variety of the
 * pairs comes from; asked for inputs at once, a model writes the same three sentences again and again.
 *
 * @param count how many kinds
 */
export async function planKinds(ask: Ask, count: number): Promise<string[]> {
  const kinds = await ask({
    user: [
      `Name ${count} situations in which the function gets an input: who gives it, about what, in which way. They are as different from each other as they can be, and together they lead to every answer that there is. Among them are everyday cases; cases at the edge between two answers; cases whose words point to the wrong answer; short inputs of a few words, and long ones; careful writers, and careless ones (typos, slang, no punctuation); and what is special about real data of this sort.`,
      "For another function, which sorts mails to a bank, some would be:",
      ...BANK.kinds.map((kind) => JSON.stringify(kind)),
      `Now ${count} for this function, one a line, each as a JSON text.`,
    ].join("\n"),
    maxTokens: 80 * count,
    temperature: 0.7,
    list: { item: { type: "string" }, count },
    read: (value) => (typeof value === "string" && value.trim().length > 3 ? value.trim() : undefined),
  });
  const isNear = nearCopies();
  return kinds.filter((kind) => !isNear(kind)).slice(0, count);
}
