import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { InterpreterError } from "./errors.ts";

/**
 * A vocabulary as plain JSON: small enough to send to a browser, complete enough to need no GGUF there.
 * `tokenizer` is a tokenizer.json without added tokens, so that the text of a control token stays text.
 */
export interface TokenizerJson {
  tokenizer: {
    added_tokens: [];
    normalizer: null;
    pre_tokenizer: object;
    post_processor: null;
    decoder: { type: "ByteLevel" };
    model: { type: "BPE"; vocab: Record<string, number>; merges: string[] };
  };
  /** Control tokens, such as `<|im_end|>`, and their ids. */
  control: Record<string, number>;
}

/** Text to token ids and back. */
export interface Tokenizer {
  /** Ids of a text; nothing in it is special, so input from users cannot forge a turn. */
  encode(text: string): number[];
  /** Ids of a text that we wrote ourselves, in which the text of a control token means the control token. */
  encodeTemplate(text: string): number[];
  /** Text of ids, without control tokens; bytes that are no UTF-8 (a character cut in half) become U+FFFD. */
  decode(ids: readonly number[]): string;
  /**
   * Id of a control token.
   *
   * @throws {InterpreterError} `UNKNOWN_TOKEN`
   */
  special(text: string): number;
  /** The bytes that a token stands for, as UTF-8; none of a control token. */
  bytes(id: number): Uint8Array;
  /** Number of ids: every id is below it. */
  vocabularySize: number;
}

/** `tokenizer.ggml.token_type` of a control token. */
const controlType = 3;

/**
 * Digits that came with Unicode 16 and 17. JavaScript engines and llama.cpp follow different versions of Unicode; a
 * program must see the same tokens on all of them, so these are no digits anywhere.
 */
const lateDigits =
  "[\\u{10D40}-\\u{10D49}\\u{116D0}-\\u{116E3}\\u{11BF0}-\\u{11BF9}\\u{11DE0}-\\u{11DE9}\\u{16130}-\\u{16139}" +
  "\\u{16D70}-\\u{16D79}\\u{16FF4}-\\u{16FF6}\\u{1CCF0}-\\u{1CCF9}\\u{1E5F1}-\\u{1E5FA}]";

/**
 * How text is cut before merging, by the GGUF's `tokenizer.ggml.pre`; each pattern cuts what the one before left whole.
 * llama.cpp is the reference: its "smollm" takes single digits out (of any script), then cuts as GPT-2 did. Its classes
 * are Unicode's, where JavaScript's `\d` and `\s` are not (U+FEFF, U+0085): the library rewrites patterns of `Split`.
 * Its "qwen2" takes single digits out, too, and keeps line breaks with the signs before them.
 */
const preTokenizers = new Map<unknown, string[]>([
  [
    "smollm",
    [`(?!${lateDigits})\\p{N}`, "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  ],
  [
    "qwen2",
    [
      "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|" +
        "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    ],
  ],
]);

/**
 * Derives the tokenizer from a GGUF's metadata.
 *
 * @throws {InterpreterError} `GGUF_UNSUPPORTED` for other than byte-level BPE or an unknown pre-tokenizer,
 *   `GGUF_INVALID`
 * @example
 * const tokenizer = createTokenizer(tokenizerFromGguf((await readGguf(path, "llama")).metadata));
 */
export function tokenizerFromGguf(metadata: Readonly<Record<string, unknown>>): TokenizerJson {
  const value = (key: string) => metadata[`tokenizer.ggml.${key}`];
  if (value("model") !== "gpt2") throw unsupported(`tokenizer model "${value("model")}"`, "gpt2 (byte-level BPE)");
  const patterns = preTokenizers.get(value("pre"));
  if (!patterns) throw unsupported(`pre-tokenizer "${value("pre")}"`, [...preTokenizers.keys()].join(", "));
  const tokens = list(value("tokens"), "string", "tokens");
  const merges = list(value("merges"), "string", "merges");
  const types = list(value("token_type"), "number", "token_type");
  if (types.length !== tokens.length) throw invalid("token_type and tokens differ in length");
  if (new Set(tokens).size !== tokens.length) throw invalid("a token is there twice");

  const vocab = tokens.map((token, id) => [token, id] as const);
  return {
    tokenizer: {
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          ...patterns.map((Regex) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false })),
          { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: "ByteLevel" },
      model: { type: "BPE", vocab: Object.fromEntries(vocab), merges },
    },
    control: Object.fromEntries(vocab.filter(([, id]) => types[id] === controlType)),
  };
}

/**
 * Makes a tokenizer; takes some tens of milliseconds, so make one and keep it.
 *
 * @example
 * const tokenizer = createTokenizer(json);
 * tokenizer.decode(tokenizer.encode("It is 42 degrees.")); // "It is 42 degrees."
 */
export function createTokenizer(json: TokenizerJson): Tokenizer {
  const inner = new HuggingFaceTokenizer(json.tokenizer, {});
  const control = new Map(Object.entries(json.control));
  const controlIds = new Set(control.values());
  // The longest first, as one may be the beginning of another.
  const names = [...control.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const controlPattern = new RegExp(`(${names.join("|") || "(?!)"})`);

  const written = Object.entries(json.tokenizer.model.vocab);
  let allBytes: Uint8Array[] | undefined;

  const encode = (text: string): number[] => [...textPieces(text)].flatMap((piece) => inner.encode(piece).ids);
  return {
    encode,
    encodeTemplate: (text) =>
      text.split(controlPattern).flatMap((piece) => control.get(piece) ?? (piece === "" ? [] : encode(piece))),
    decode(ids) {
      const visible = ids.filter((id) => !controlIds.has(id));
      return visible.length === 0 ? "" : inner.decode(visible, { clean_up_tokenization_spaces: false });
    },
    special(text) {
      const id = control.get(text);
      if (id !== undefined) return id;
      const hint = `Its control tokens are ${[...control.keys()].join(" ")}.`;
      throw new InterpreterError("UNKNOWN_TOKEN", `The vocabulary has no control token "${text}".`, hint);
    },
    bytes(id) {
      if (!allBytes) {
        allBytes = [];
        for (const [token, number] of written) {
          allBytes[number] = Uint8Array.from(controlIds.has(number) ? [] : [...token].map(byteOf));
        }
      }
      return allBytes[id] as Uint8Array;
    },
    vocabularySize: written.length,
  };
}

/** Bytes that byte-level BPE writes as themselves; the others are the characters from U+0100 on, in their order. */
const plainBytes = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
const otherBytes = range(0, 255).filter((byte) => !plainBytes.includes(byte));

/** The byte that a character of a token stands for (https://github.com/openai/gpt-2, `bytes_to_unicode`). */
function byteOf(character: string): number {
  const code = character.codePointAt(0) as number;
  return code < 256 ? code : (otherBytes[code - 256] as number);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** A text is cut into pieces of about this length, UTF-16 units: a piece takes some milliseconds. */
const pieceUnits = 4096;
/**
 * A run without a place to cut that is longer than this, UTF-16 units, is cut anyway: no text that means anything has
 * one.
 */
const unbrokenUnits = 32_768;
/**
 * Between a letter or digit and white space, and between a sign and a blank, every pre-tokenizer cuts, whatever else
 * stands in the text. (Some keep a line break with the sign before it. U+0085 and U+FEFF are white space for some and
 * not for others.)
 */
const boundary = /(?<=[\p{L}\p{N}])(?=[ \n])|(?<=[\p{P}\p{S}])(?= )/gu;

/**
 * Cuts a text where its tokens are cut in any case: the tokens of the pieces, put together, are those of the text. So a
 * caller can stop at a limit, and do other things in between.
 *
 * @example
 * for (const piece of textPieces(text)) ids.push(...tokenizer.encode(piece));
 */
export function* textPieces(text: string): Generator<string> {
  let start = 0;
  for (let end = start + pieceUnits; end < text.length; end = start + pieceUnits) {
    const most = start + unbrokenUnits;
    boundary.lastIndex = end;
    // Looking as far as the next boundary in a text without one would read all of it, for each piece.
    const found = boundary.test(text.slice(0, most)) ? boundary.lastIndex : most;
    if (found >= text.length) break;
    // Not between the halves of a character.
    const cut = /[\uDC00-\uDFFF]/.test(text[found] as string) ? found + 1 : found;
    yield text.slice(start, cut);
    start = cut;
  }
  if (start < text.length) yield text.slice(start);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function list<T extends "string" | "number">(
  value: unknown,
  type: T,
  name: string,
): (T extends "string" ? string : number)[] {
  if (Array.isArray(value) && value.every((item) => typeof item === type)) return value;
  throw invalid(`tokenizer.ggml.${name} is missing or is not a list of ${type}s`);
}

function unsupported(what: string, known: string): InterpreterError {
  return new InterpreterError("GGUF_UNSUPPORTED", `The GGUF's ${what} is not supported.`, `Supported: ${known}.`);
}

function invalid(what: string): InterpreterError {
  const hint = "The file is damaged, or was written by a converter that leaves this out: use another copy.";
  return new InterpreterError("GGUF_INVALID", `The GGUF's vocabulary is not sound: ${what}.`, hint);
}
