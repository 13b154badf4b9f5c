import type { Spec } from "@unplugin-paw/spec";
import { nearCopies } from "@unplugin-paw/spec/similar";
import type { Ask } from "./ask.ts";
import { BANK, isOfBank } from "./bank.ts";

/**
 * Has the teacher think first of what the function will meet: a kind of input a line. It is where the variety of the
 * pairs comes from; asked for inputs at once, a model writes the same three sentences again and again.
 *
 * @param count how many kinds
 */
export async function planKinds(
  ask: Ask,
  { instructions }: Pick<Spec, "instructions">,
  count: number,
): Promise<string[]> {
  const kinds = await ask({
    user: [
      `Name ${count} situations in which the function gets an input: who gives it, about what, in which way. They are as different from each other as they can be, and together they lead to every answer that there is. Among them are everyday cases; cases at the edge between two answers; cases whose words point to the wrong answer; short inputs of a few words, and long ones; careful writers, and careless ones (typos, slang, no punctuation); and what is special about real data of this sort.`,
      `${BANK.opening} some would be:`,
      ...BANK.kinds.map((situation) => JSON.stringify({ situation })),
      `Now ${count} for this function, which is: ${instructions.trim()}`,
      "One a line, each as JSON.",
    ].join("\n"),
    maxTokens: 80 * count,
    temperature: 0.7,
    list: { item: { type: "object", properties: { situation: { type: "string" } }, required: ["situation"] }, count },
    read: readKind,
  });
  const isNear = nearCopies();
  return kinds.filter((kind) => !isOfBank(kind) && !isNear(kind)).slice(0, count);
}

/** A model that leaves the name out has written a situation all the same. */
function readKind(value: unknown): string | undefined {
  const isNamed = typeof value === "object" && value !== null && "situation" in value;
  const kind = isNamed ? value.situation : value;
  return typeof kind === "string" && kind.trim().length > 3 ? kind.trim() : undefined;
}
