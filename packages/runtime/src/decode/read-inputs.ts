import { textPieces } from "@unplugin-paw/interpreter/web";
import { checkFit, InputError, renderInput } from "@unplugin-paw/program";
import { PawError } from "../errors.ts";
import { answerChoices } from "./answer-choices.ts";
import type { Engine, Runnable, Vocabulary } from "./interfaces.ts";
import type { PassLimits } from "./passes.ts";

/** An input that can be run: the token ids that follow the prefix. */
export interface Item {
  ids: readonly number[];
  /** What they say. */
  text: string;
  error?: never;
}

/** An input that cannot. */
export interface Unfit {
  ids?: never;
  text?: never;
  error: InputError | PawError;
}

/**
 * No token of a vocabulary is longer, in UTF-16 units: what is longer than this many times the limit need not be
 * counted.
 */
const longestToken = 128;

/**
 * Token ids that follow the prefix for one input: the input's text, the end of the user's turn, the start of the
 * answer. The text is cut into tokens on its own, so it reads the same behind every prefix.
 */
export function inputTokens({ tokenizer, chat }: Vocabulary, text: string): number[] {
  return [...tokenizer.encode(text), ...tokenizer.encodeTemplate(chat.end + chat.assistant)];
}

/** What a pass of a program may hold. */
export function limitsOf({ interpreter, session }: Engine, { contract, prefix, ...program }: Runnable): PassLimits {
  const { closed } = answerChoices(interpreter, contract);
  return {
    room: session.config.contextLength - prefix.tokens,
    reserve: closed ? closed.trie.nodes.length : program.answerTokens,
  };
}

/**
 * Cuts inputs into tokens, one after the other.
 *
 * @param pause is waited for between two pieces of work of some milliseconds
 * @throws {ProgramError} the program does not fit the interpreter
 */
export async function* readInputs(
  engine: Engine,
  program: Runnable,
  inputs: Iterable<unknown> | AsyncIterable<unknown>,
  pause?: () => Promise<void>,
): AsyncGenerator<Item | Unfit, void> {
  const { contract, prefix } = program;
  const { tokenizer, chat } = engine.interpreter;
  const limits = limitsOf(engine, program);
  checkFit(program, engine.session.config, limits.reserve);
  const room = limits.room - limits.reserve;
  const end = tokenizer.encodeTemplate(chat.end + chat.assistant);

  async function read(input: unknown, place: number): Promise<Item> {
    const text = renderInput(contract, input);
    if (text.length > room * longestToken) throw tooLong(`over ${room}`, room, prefix.tokens);
    const ids: number[] = [];
    for (const piece of textPieces(text)) {
      if (ids.length > 0 || place % 16 === 15) await pause?.();
      for (const id of tokenizer.encode(piece)) ids.push(id);
      // Up to here the exact number is worth its time: it says how much there is to cut away.
      if (ids.length > 2 * room) throw tooLong(`over ${2 * room}`, room, prefix.tokens);
    }
    ids.push(...end);
    if (ids.length > room) throw tooLong(`${ids.length}`, room, prefix.tokens);
    return { ids, text };
  }

  let place = 0;
  for await (const input of inputs) {
    try {
      yield await read(input, place++);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof PawError)) throw error;
      yield { error };
    }
  }
}

function tooLong(length: string, room: number, prefix: number): PawError {
  return new PawError(
    "INPUT_TOO_LONG",
    `The input has ${length} tokens; at most ${room} fit behind this program's ${prefix}.`,
    "Shorten the input, or split it and combine the answers. A token is about four characters of English.",
  );
}
