import type { Interpreter } from "@unplugin-paw/interpreter";
import type { AppendOptions, Session } from "@unplugin-paw/interpreter/session";
import { textPieces } from "@unplugin-paw/interpreter/web";
import {
  type Contract,
  checkFit,
  InputError,
  OutputError,
  outputLabels,
  type Program,
  parseOutput,
  renderInput,
} from "@unplugin-paw/program";
import { PawError } from "./errors.ts";
import { calibrate, scoreLabels } from "./labels.ts";
import { decodeText } from "./text.ts";
import { type LabelTrie, labelTrie } from "./trie.ts";

/** The interpreter, loaded. One serves all programs of a process. */
export interface Engine {
  interpreter: Pick<Interpreter, "id" | "digest" | "tokenizer" | "chat">;
  session: Session;
}

/**
 * What came of one input: a value (for closed labels with each one's probability, in the contract's order, and whether the function
 * abstains, so that the caller gets null), or why there is none.
 */
export type Answer =
  | { value: unknown; probabilities?: number[]; abstained?: boolean; error?: never }
  | { error: InputError | OutputError | PawError };

/** What answering needs of a program. */
export type Runnable = Pick<Program, "contract" | "prefix" | "head" | "calibration" | "answerTokens">;

/** An input, read: its place among the call's inputs, and the token ids that follow the prefix. */
export interface Item {
  place: number;
  ids: readonly number[];
}

/** Inputs share a pass up to this many tokens: a batch of 32 takes as long an input as one of 8, and masks grow with the square. */
const passTokens = 384;
/** No token of a vocabulary is longer, in UTF-16 units: what is longer than this many times the limit need not be counted. */
const longestToken = 128;
/** Tokens that an answer in text is expected to take, where the program may write more. */
const usualAnswer = 32;

/**
 * Token ids that follow the prefix for one input: the input's text, the end of the user's turn, the start of the answer. The text is
 * cut into tokens on its own, so it reads the same behind every prefix.
 */
export function inputTokens({ tokenizer, chat }: Engine["interpreter"], text: string): number[] {
  return [...tokenizer.encode(text), ...tokenizer.encodeTemplate(chat.end + chat.assistant)];
}

/** The tries of labels are the same for every call of a program. */
const tries = new WeakMap<Contract, LabelTrie>();

/** The trie of a contract's closed labels. */
export function contractTrie(
  { tokenizer, chat }: Engine["interpreter"],
  contract: Contract,
  labels: string[],
): LabelTrie {
  const known = tries.get(contract);
  if (known) return known;
  const trie = labelTrie(
    labels.map((label) => tokenizer.encode(label)),
    tokenizer.special(chat.stop),
  );
  tries.set(contract, trie);
  return trie;
}

/**
 * Runs a program over inputs, in order, several a pass. What fails for one input is its answer's `error`. The session must not be in
 * use by others (`Session.exclusive`).
 */
export async function answer(
  engine: Engine,
  program: Runnable,
  inputs: readonly unknown[],
  signal?: AbortSignal,
): Promise<Answer[]> {
  const { answers, items } = await readInputs(engine, program, inputs);
  for (let rest: readonly Item[] = items; rest.length > 0; ) {
    signal?.throwIfAborted();
    const pass = rest.slice(0, fitting(engine, program, rest));
    const found = await answerPass(engine, program, pass, { pause: () => signal?.throwIfAborted() });
    for (const [i, { place }] of pass.entries()) answers[place] = found[i] as Answer;
    rest = rest.slice(pass.length);
  }
  return answers;
}

/**
 * Cuts inputs into tokens.
 *
 * @param pause is waited for between two pieces of work of some milliseconds
 * @returns the inputs that can be run; of the others, the answer is there: its error
 * @throws {ProgramError} the program does not fit the interpreter
 */
export async function readInputs(
  { interpreter, session }: Engine,
  program: Runnable,
  inputs: readonly unknown[],
  pause?: () => Promise<void>,
): Promise<{ answers: Answer[]; items: Item[] }> {
  const { contract, prefix } = program;
  const reserve = reserveOf(interpreter, program);
  checkFit(program, session.config, reserve);
  const room = session.config.contextLength - prefix.tokens - reserve;
  const { tokenizer, chat } = interpreter;
  const end = tokenizer.encodeTemplate(chat.end + chat.assistant);
  const answers: Answer[] = [];
  const items: Item[] = [];
  for (const [place, input] of inputs.entries()) {
    try {
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
      items.push({ place, ids });
    } catch (error) {
      answers[place] = failed(error);
    }
  }
  return { answers, items };
}

/** How many of these inputs, from the first on, share a pass: they fit the budget and, with the tokens to come for each, the context. */
export function fitting({ interpreter, session }: Engine, program: Runnable, items: readonly Item[]): number {
  const reserve = reserveOf(interpreter, program);
  const room = session.config.contextLength - program.prefix.tokens;
  let used = 0;
  for (const [i, { ids }] of items.entries()) {
    used += ids.length;
    if (i > 0 && (used > passTokens || used + (i + 1) * reserve > room)) return i;
  }
  return items.length;
}

/** Answers inputs that share a pass, in their order. */
export async function answerPass(
  engine: Engine,
  program: Runnable,
  items: readonly Item[],
  options: AppendOptions,
): Promise<Answer[]> {
  const { interpreter, session } = engine;
  const { contract, prefix } = program;
  const inputs = items.map(({ ids }) => ids);
  const tokens = inputs.reduce((sum, { length }) => sum + length, 0);
  // What runs in pieces begins with a short cache, which the first pieces need not pay for.
  const expected = Math.min(tokens, 2 * (options.run ?? tokens));
  const reserve = reserveOf(interpreter, program);
  const labels = outputLabels(contract);
  session.use(prefix, expected + inputs.length * (labels ? reserve : Math.min(reserve, usualAnswer)));
  if (!labels) return await answerText(engine, program, inputs, options);
  return await answerLabels(session, program, inputs, contractTrie(interpreter, contract, labels), labels, options);
}

/** Tokens that are run behind each input, at most. */
function reserveOf(interpreter: Engine["interpreter"], { contract, answerTokens }: Runnable): number {
  const labels = outputLabels(contract);
  return labels ? contractTrie(interpreter, contract, labels).nodes.length : answerTokens;
}

async function answerLabels(
  session: Session,
  { contract, head, calibration }: Runnable,
  inputs: readonly (readonly number[])[],
  trie: LabelTrie,
  labels: readonly string[],
  options: AppendOptions,
): Promise<Answer[]> {
  return (await scoreLabels(session, inputs, trie, head, options)).map((scores) => {
    const probabilities = calibrate(scores, calibration);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const abstained = (probabilities[best] as number) < (contract.abstain ?? 0);
    return { value: parseOutput(contract, labels[best] as string), probabilities, abstained };
  });
}

async function answerText(
  { interpreter: { tokenizer, chat }, session }: Engine,
  { contract, answerTokens }: Runnable,
  inputs: readonly (readonly number[])[],
  options: AppendOptions,
): Promise<Answer[]> {
  const stop = tokenizer.special(chat.stop);
  const found = await decodeText(session, inputs, { stop, maxTokens: answerTokens, ...options });
  return found.map(({ tokens, ended }) => {
    const raw = tokenizer.decode(tokens);
    try {
      if (!ended) throw endless(raw, answerTokens);
      return { value: parseOutput(contract, raw) };
    } catch (error) {
      return failed(error);
    }
  });
}

/** Errors of one input; anything else is not its fault and is thrown on. */
function failed(error: unknown): Answer {
  if (error instanceof InputError || error instanceof OutputError || error instanceof PawError) return { error };
  throw error;
}

function tooLong(length: string, room: number, prefix: number): PawError {
  return new PawError(
    "INPUT_TOO_LONG",
    `The input has ${length} tokens; at most ${room} fit behind this program's ${prefix}.`,
    "Shorten the input, or split it and combine the answers. A token is about four characters of English.",
  );
}

function endless(raw: string, limit: number): PawError {
  return new PawError(
    "ANSWER_TOO_LONG",
    `The answer did not end within ${limit} tokens: ${JSON.stringify(`${raw.slice(0, 60)}…`)}.`,
    "Give the spec examples with short answers; `raw` has the text so far.",
    { raw },
  );
}
