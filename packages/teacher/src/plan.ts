import type { Ask } from "./ask.ts";

/**
 * Has the teacher think first of what the function will meet: a kind of input a line. It is where the variety of the pairs comes from;
 * asked for inputs at once, a model writes the same three sentences again and again.
 *
 * @param count how many kinds
 */
export async function planKinds(ask: Ask, count: number): Promise<string[]> {
  const kinds = await ask({
    user: [
      `Name ${count} kinds of input that this function will meet where it is used, as different from each other as they can be.`,
      "Together they cover: the typical inputs, for each answer that there is; inputs at the edge between two answers; inputs whose words point to the wrong answer; short ones of a few words and long ones; careful and careless writers (typos, no punctuation, slang); and what else is special about real data of this sort: its form, sources, names and numbers.",
      "Each line is a JSON text that describes one kind in a sentence.",
    ].join("\n"),
    maxTokens: 80 * count,
    temperature: 0.7,
    read: (value) => (typeof value === "string" && value.trim().length > 3 ? value.trim() : undefined),
  });
  return kinds.slice(0, count);
}
