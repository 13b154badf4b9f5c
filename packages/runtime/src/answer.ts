import type { Interpreter } from "@unplugin-paw/interpreter";
import type { Session } from "@unplugin-paw/interpreter/session";
import {
  type Contract,
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

/** Inputs share a pass up to this many tokens: a batch of 32 takes as long an input as one of 8, and masks grow with the square. */
const passTokens = 384;
/** No token of a vocabulary is longer, in UTF-16 units: what is longer than this many times the limit need not be counted. */
const longestToken = 128;

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
  const { interpreter, session } = engine;
  const { contract, prefix, answerTokens } = program;
  const labels = outputLabels(contract);
  const trie = labels && contractTrie(interpreter, contract, labels);
  const reserve = trie ? trie.nodes.length : answerTokens;
  const room = session.config.contextLength - prefix.tokens - reserve;

  const answers: Answer[] = [];
  const runnable: { place: number; ids: number[] }[] = [];
  for (const [place, input] of inputs.entries()) {
    try {
      const text = renderInput(contract, input);
      if (text.length > room * longestToken) throw tooLong(`over ${room}`, room, prefix.tokens);
      const ids = inputTokens(interpreter, text);
      if (ids.length > room) throw tooLong(`${ids.length}`, room, prefix.tokens);
      runnable.push({ place, ids });
    } catch (error) {
      answers[place] = failed(error);
    }
  }
  for (const pass of passes(runnable, reserve, room)) {
    signal?.throwIfAborted();
    session.use(prefix);
    const ids = pass.map((input) => input.ids);
    const found =
      trie && labels
        ? await answerLabels(session, program, ids, trie, labels)
        : await answerText(engine, program, ids, signal);
    for (const [i, { place }] of pass.entries()) answers[place] = found[i] as Answer;
  }
  return answers;
}

async function answerLabels(
  session: Session,
  { contract, head, calibration }: Runnable,
  inputs: readonly number[][],
  trie: LabelTrie,
  labels: readonly string[],
): Promise<Answer[]> {
  return (await scoreLabels(session, inputs, trie, head)).map((scores) => {
    const probabilities = calibrate(scores, calibration);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const abstained = (probabilities[best] as number) < (contract.abstain ?? 0);
    return { value: parseOutput(contract, labels[best] as string), probabilities, abstained };
  });
}

async function answerText(
  { interpreter: { tokenizer, chat }, session }: Engine,
  { contract, answerTokens }: Runnable,
  inputs: readonly number[][],
  signal: AbortSignal | undefined,
): Promise<Answer[]> {
  const stop = tokenizer.special(chat.stop);
  return (await decodeText(session, inputs, { stop, maxTokens: answerTokens, signal })).map(({ tokens, ended }) => {
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

/**
 * Cuts the inputs, in order, into passes that fit the budget and, with `reserve` tokens to come for each, the context.
 */
function passes<T extends { ids: readonly number[] }>(inputs: readonly T[], reserve: number, room: number): T[][] {
  const out: T[][] = [];
  let used = 0;
  for (const input of inputs) {
    const pass = out.at(-1);
    used += input.ids.length;
    if (pass && used <= passTokens && used + pass.length * reserve <= room) pass.push(input);
    else {
      out.push([input]);
      used = input.ids.length;
    }
  }
  return out;
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
