import type { Tokenizer } from "@unplugin-paw/interpreter";
import type { Verbatim } from "@unplugin-paw/program";
import { binary } from "./bytes.ts";
import { anyText, type Choices } from "./choices.ts";

/**
 * A text of any tokens of which those are favoured that make a part of the input, or one of some other answers. Once it
 * is neither, it is a text like any other.
 *
 * @param input as the model reads it
 * @param stop the token that ends an answer; a part of the input may end anywhere
 * @example
 * verbatimChoices("Yours, Ann", { by: 3.5, besides: ["none"] }, tokenizer, stop).favoured?.has(ann); // true
 */
export function verbatimChoices(input: string, { by, besides }: Verbatim, tokenizer: Tokenizer, stop: number): Choices {
  const text = binary(input);
  const others = besides.map((answer) => binary(answer));
  const at = (written: string): Choices => {
    const longerBy = (token: number) => written + binary(tokenizer.bytes(token));
    const has = (token: number) => {
      if (token === stop) return others.includes(written) || (written !== "" && text.includes(written));
      const longer = longerBy(token);
      return longer !== written && (text.includes(longer) || others.some((answer) => answer.startsWith(longer)));
    };
    return {
      next: undefined,
      favoured: { by, has },
      after: (token) => (token !== stop && has(token) ? at(longerBy(token)) : anyText),
    };
  };
  return at("");
}
