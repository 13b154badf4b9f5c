import { type Contract, outputLabels } from "@unplugin-paw/program";
import { anyText, type Choices } from "./choices.ts";
import { outputGrammar } from "./grammar/grammar.ts";
import { quoteChoices, wellFormed } from "./grammar/quote.ts";
import type { Vocabulary } from "./interfaces.ts";
import { type LabelTrie, labelChoices, labelTrie } from "./trie.ts";

/** How the answers of a contract are made of tokens: what decoding chooses from, training learns and scoring counts. */
export interface AnswerChoices {
  /**
   * What may follow an input.
   *
   * @param input as the model reads it
   */
  startOf(input: string): Choices;
  /** The token that ends an answer. */
  stop: number;
  /** Tokens of an answer, the one that ends it included. */
  encode(answer: string): number[];
  /** Where answers are a closed set, which one pass weighs against each other. */
  closed?: {
    labels: readonly string[];
    trie: LabelTrie;
    /** Every token that is chosen anywhere. */
    candidates: readonly number[];
  };
}

/** By vocabulary and contract: the tries of labels are the same for every call of a program. */
const known = new WeakMap<object, WeakMap<Contract, AnswerChoices>>();

/**
 * What the answers of a contract are made of, in an interpreter's tokens. The same for the same two.
 *
 * @throws {RangeError} two labels have the same tokens
 * @example
 * const { startOf, closed } = answerChoices(engine.interpreter, program.contract);
 */
export function answerChoices(vocabulary: Vocabulary, contract: Contract): AnswerChoices {
  const ofVocabulary = known.get(vocabulary.tokenizer) ?? new WeakMap<Contract, AnswerChoices>();
  known.set(vocabulary.tokenizer, ofVocabulary);
  const found = ofVocabulary.get(contract) ?? makeAnswerChoices(vocabulary, contract);
  ofVocabulary.set(contract, found);
  return found;
}

function makeAnswerChoices({ tokenizer, chat }: Vocabulary, contract: Contract): AnswerChoices {
  const stop = tokenizer.special(chat.stop);
  const encode = (answer: string) => [...tokenizer.encode(answer), stop];
  const labels = outputLabels(contract);
  if (contract.output.kind === "quote") {
    return { startOf: (input) => quoteChoices(wellFormed(input), tokenizer, stop), stop, encode };
  }
  if (!labels) {
    const grammar = outputGrammar(contract.output, tokenizer, stop);
    if (!grammar) return { startOf: () => anyText, stop, encode };
    return {
      startOf: () => grammar.start,
      stop,
      encode: (answer) => [...(grammar.encode(answer) ?? tokenizer.encode(answer)), stop],
    };
  }
  const start = labelChoices(
    labels.map((label) => tokenizer.encode(label)),
    stop,
  );
  const trie = labelTrie(start);
  const candidates = [...new Set(trie.branches.flatMap(({ children }) => children.map(({ token }) => token)))];
  return { startOf: () => start, stop, encode, closed: { labels, trie, candidates } };
}
