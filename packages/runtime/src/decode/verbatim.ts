import type { Tokenizer } from "@unplugin-paw/interpreter";
import type { Verbatim } from "@unplugin-paw/program";
import { binary } from "./bytes.ts";
import { anyText, type Choices } from "./choices.ts";

/**
 * A text of any tokens of which those are favoured that make a part of the input, or one of some other answers. Once it
 * is neither, it is a text like any other.
 *
 * @param input as the model reads it
 * @param stop the token that ends an answer
 * @example
 * verbatimChoices("Yours, Ann", { by: 3.5, besides: ["none"] }, tokenizer, stop).favoured?.has(ann); // true
 */
export function verbatimChoices(
  input: string,
  { by, besides, wholeWords = false }: Verbatim,
  tokenizer: Tokenizer,
  stop: number,
): Choices {
  const text = binary(input);
  const others = besides.map((answer) => binary(answer));
  const edges = wholeWords ? wordEdges(input) : undefined;
  /** @param ends where in the text what is written ends, at each place that it stands */
  const at = (written: string, ends: readonly number[]): Choices => {
    const has = (token: number) => {
      if (token === stop) {
        return others.includes(written) || (written !== "" && ends.some((end) => edges?.has(end) ?? true));
      }
      const more = binary(tokenizer.bytes(token));
      if (more === "") return false;
      return (
        ends.some((end) => text.startsWith(more, end)) || others.some((answer) => answer.startsWith(written + more))
      );
    };
    return {
      next: undefined,
      favoured: { by, has },
      after: (token) => {
        if (token === stop || !has(token)) return anyText;
        const more = binary(tokenizer.bytes(token));
        const fitting = ends.filter((end) => text.startsWith(more, end));
        return at(
          written + more,
          fitting.map((end) => end + more.length),
        );
      },
    };
  };
  return at("", edges ? [...edges] : Array.from(text, (_, place) => place));
}

/** Whether a text is a part of the input that begins and ends where words do. */
export function isOfWholeWords(input: string, answer: string): boolean {
  const [text, part] = [binary(input), binary(answer)];
  const edges = wordEdges(input);
  return part !== "" && [...edges].some((edge) => text.startsWith(part, edge) && edges.has(edge + part.length));
}

/** Where words may begin or end, in bytes: everywhere but between two letters or digits. */
function wordEdges(text: string): Set<number> {
  const edges = new Set<number>();
  let [at, wasInWord] = [0, false];
  for (const character of text) {
    const isInWord = /[\p{L}\p{M}\p{N}]/u.test(character);
    if (!wasInWord || !isInWord) edges.add(at);
    at += binary(character).length;
    wasInWord = isInWord;
  }
  return edges.add(at);
}
