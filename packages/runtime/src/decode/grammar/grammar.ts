import type { Tokenizer } from "@unplugin-paw/interpreter";
import { type OutputContract, type Pattern, patternOf } from "@unplugin-paw/program";
import type { Choices } from "../choices.ts";
import { dateAt } from "./calendar.ts";
import { END, type Node, optionsOf, schemaNode } from "./node.ts";
import { numeralAt } from "./numeral.ts";
import { Automaton } from "./place.ts";

/** The answers of a type as tokens. */
export interface Grammar {
  start: Choices;
  /** The tokens of an answer as the grammar cuts it, without the one that ends it; undefined where it is none. */
  encode(answer: string): number[] | undefined;
}

/**
 * A grammar in which every answer is a value of its type: numbers, dates, and JSON of a schema, written as
 * `JSON.stringify` writes them, and texts of a pattern. undefined where everything may be said (other texts), where a
 * trie is better (closed labels), and for schemas that no spec has.
 *
 * @param stop the token that ends an answer
 * @example
 * const { start } = outputGrammar({ kind: "number" }, tokenizer, stop);
 * start.next; // the tokens of "-" and the digits
 */
export function outputGrammar(output: OutputContract, tokenizer: Tokenizer, stop: number): Grammar | undefined {
  const node = outputNode(output);
  if (!node) return undefined;
  return {
    start: new Automaton(tokenizer, stop).placeAt(node),
    encode: (answer) => cut(node, answer, 0)?.flatMap((part) => tokenizer.encode(part)),
  };
}

function outputNode(output: OutputContract): Node | undefined {
  switch (output.kind) {
    case "number":
      return { kind: "number", isInteger: false, to: END };
    case "date":
      return { kind: "date", to: END };
    case "json":
      return schemaNode(output.schema, END);
    case "string":
      if (output.pattern === undefined) return undefined;
      return { kind: "pattern", pattern: patternOf(output.pattern), to: END };
    default:
      return undefined;
  }
}

/** Cuts a text at the borders of a graph's choices; undefined where it is no text of the graph. */
function cut(node: Node, text: string, at: number): string[] | undefined {
  const goOn = (part: string, to: Node): string[] | undefined => {
    const rest = cut(to, text, at + part.length);
    return rest && [...(part === "" ? [] : [part]), ...rest];
  };
  switch (node.kind) {
    case "end":
      return at === text.length ? [] : undefined;
    case "number": {
      const found = numeralAt(text, at, node);
      return found === "" ? undefined : goOn(found, node.to);
    }
    case "date": {
      const found = dateAt(text, at);
      return found === "" ? undefined : goOn(found, node.to);
    }
    case "pattern": {
      const found = longest(node.pattern, text, at);
      return found === undefined ? undefined : goOn(found, node.to);
    }
    case "body": {
      const body = /(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*/iuy;
      body.lastIndex = at;
      return goOn(body.exec(text)?.[0] ?? "", node.to);
    }
    default: {
      const ways = node.kind === "words" ? node.texts.map((one) => ({ text: one, to: node.to })) : optionsOf(node);
      for (const way of ways.toSorted((a, b) => b.text.length - a.text.length)) {
        const found = text.startsWith(way.text, at) ? goOn(way.text, way.to) : undefined;
        if (found) return found;
      }
      return undefined;
    }
  }
}

/** The longest part of a text, from a place on, that matches a pattern. */
function longest(pattern: Pattern, text: string, at: number): string | undefined {
  let state: number | undefined = pattern.start;
  let end = pattern.isEnd(state) ? at : undefined;
  let place = at;
  for (const character of text.slice(at)) {
    for (const byte of new TextEncoder().encode(character))
      state = state === undefined ? state : pattern.step(state, byte);
    if (state === undefined) break;
    place += character.length;
    if (pattern.isEnd(state)) end = place;
  }
  return end === undefined ? undefined : text.slice(at, end);
}
