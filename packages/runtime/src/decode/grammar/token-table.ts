import type { Tokenizer } from "@unplugin-paw/interpreter";

/** The tokens that may follow in a state, and the state after each. */
export interface TokenTable {
  tokens: readonly number[];
  after: ReadonlyMap<number, number>;
}

/** By vocabulary and automaton, then by state: every program with the same strings goes by the same tables. */
const known = new WeakMap<Tokenizer, WeakMap<object, Map<number, TokenTable>>>();

/**
 * The table of a state of an automaton over bytes; made once, in some milliseconds.
 *
 * @param automaton the same object for the same automaton; `step` is the state after a byte, undefined where it cannot
 *   stand there
 */
export function tokenTable(
  tokenizer: Tokenizer,
  automaton: { step(state: number, byte: number): number | undefined },
  state: number,
): TokenTable {
  const ofTokenizer = known.get(tokenizer) ?? new WeakMap<object, Map<number, TokenTable>>();
  known.set(tokenizer, ofTokenizer);
  const tables = ofTokenizer.get(automaton) ?? new Map<number, TokenTable>();
  ofTokenizer.set(automaton, tables);
  const found = tables.get(state) ?? makeTable(tokenizer, automaton, state);
  tables.set(state, found);
  return found;
}

function makeTable(tokenizer: Tokenizer, automaton: Parameters<typeof tokenTable>[1], state: number): TokenTable {
  const after = new Map<number, number>();
  for (let token = 0; token < tokenizer.vocabularySize; token++) {
    const bytes = tokenizer.bytes(token);
    if (bytes.length === 0) continue;
    let now: number | undefined = state;
    for (const byte of bytes) {
      now = automaton.step(now, byte);
      if (now === undefined) break;
    }
    if (now !== undefined) after.set(token, now);
  }
  return { tokens: [...after.keys()], after };
}
