import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { openInterpreter } from "./open.ts";
import { createTokenizer, textPieces, tokenizerFromGguf } from "./tokenizer.ts";

// Bytes 0x21 to 0x7e stand for themselves; a blank is Ġ; é is the two bytes Ã ©.
const tokens = ["<|end|>", "a", "b", "Ġ", "1", "Ã", "©", "ab", "Ġab", "11", "<", "|", ">", "e", "n", "d"];
const metadata = {
  "tokenizer.ggml.model": "gpt2",
  "tokenizer.ggml.pre": "smollm",
  "tokenizer.ggml.tokens": tokens,
  "tokenizer.ggml.token_type": tokens.map((_, id) => (id === 0 ? 3 : 1)),
  "tokenizer.ggml.merges": ["a b", "Ġ ab", "1 1"],
};
const tokenizer = createTokenizer(tokenizerFromGguf(metadata));

describe("tokenizer", () => {
  it("merges inside words and never across digits", () => {
    expect(tokenizer.encode("ab ab11")).toEqual([7, 8, 4, 4]);
    expect(tokenizer.encode("")).toEqual([]);
  });

  it("survives a trip through JSON", () => {
    const json = JSON.parse(JSON.stringify(tokenizerFromGguf(metadata)));
    expect(createTokenizer(json).encode("ab ab11")).toEqual([7, 8, 4, 4]);
  });

  it("keeps a control token's text as text, except in a template", () => {
    expect(tokenizer.encode("ab<|end|>")).toEqual([7, 10, 11, 13, 14, 15, 11, 12]);
    expect(tokenizer.encodeTemplate("ab<|end|>ab")).toEqual([7, 0, 7]);
    expect(tokenizer.encodeTemplate("")).toEqual([]);
  });

  it("joins the bytes of a character before decoding, and leaves control tokens out", () => {
    expect(tokenizer.decode([7, 0, 5, 6, 8])).toBe("abé ab");
    expect(tokenizer.decode([5])).toBe("\uFFFD");
    expect(tokenizer.decode([0])).toBe("");
    expect(tokenizer.decode([])).toBe("");
  });

  it("knows its control tokens and its size", () => {
    expect(tokenizer.special("<|end|>")).toBe(0);
    expect(() => tokenizer.special("ab")).toThrow('no control token "ab"');
    expect(tokenizer.vocabularySize).toBe(tokens.length);
  });

  it.each([
    ["model", "llama", "GGUF_UNSUPPORTED"],
    ["pre", "deepseek-llm", "GGUF_UNSUPPORTED"],
    ["pre", "constructor", "GGUF_UNSUPPORTED"],
    ["tokens", undefined, "GGUF_INVALID"],
    ["tokens", [...tokens.slice(1), "a"], "GGUF_INVALID"],
    ["token_type", [1], "GGUF_INVALID"],
    ["merges", [1], "GGUF_INVALID"],
  ])("refuses a GGUF whose %s is %j", (key, value, code) => {
    const altered = { ...metadata, [`tokenizer.ggml.${key}`]: value };
    expect(() => tokenizerFromGguf(altered)).toThrow(expect.objectContaining({ code }));
  });
});

describe("a long text", () => {
  const samples = [
    "It came in a box, with a cable; and a booklet!  Two blanks,\ttabs\n\n\nand 42 lines. It's John's, we'll see. ",
    "Größe: 12,5 cm – naïve café… “quoted”\u00a0text\u0085with odd\ufeffblanks 中文，没有空格。 日本語 🎉🎉 done. ",
    "   a  b   c \n \n  d\r\n\te ",
  ];

  it("has the tokens that it has in one piece", async () => {
    const { model, tokenizer } = await openInterpreter();
    const json = JSON.parse(readFileSync(join(dirname(model), "tokenizer.json"), "utf8"));
    const whole = new Tokenizer(json.tokenizer, {});
    for (const sample of [...samples, samples.join("")]) {
      const text = sample.repeat(Math.ceil(20_000 / sample.length));
      expect([...textPieces(text)].length).toBeGreaterThan(2);
      expect(tokenizer.encode(text)).toEqual(whole.encode(text).ids);
    }
  });

  it("is cut into pieces of bounded length, whatever it is, and nothing is lost", () => {
    for (const sample of ["x", " ", "中", "🎉", "1", "!?", "\n", ...samples]) {
      const text = `a${sample.repeat(Math.ceil(150_000 / sample.length))}`;
      const pieces = [...textPieces(text)];
      expect(pieces.join("")).toBe(text);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThan(33_000);
        expect(/^\p{Cs}|\p{Cs}$/u.test(piece)).toBe(false);
      }
    }
    expect([...textPieces("")]).toEqual([]);
    expect([...textPieces("short")]).toEqual(["short"]);
  });
});
