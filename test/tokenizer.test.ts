import { getLlama, type LlamaModel, type Token } from "node-llama-cpp";
import { beforeAll, describe, expect, it } from "vitest";
import { findCard } from "../packages/interpreter/src/cards.ts";
import { readGguf } from "../packages/interpreter/src/gguf.ts";
import { createTokenizer, type Tokenizer, tokenizerFromGguf } from "../packages/interpreter/src/tokenizer.ts";
import { oracleFile } from "./oracle.ts";
import { strings } from "./oracle-strings.ts";

describe("tokenizer of the real model", () => {
  let tokenizer: Tokenizer;
  let oracle: LlamaModel;

  beforeAll(async () => {
    const card = findCard();
    const path = await oracleFile();
    tokenizer = createTokenizer(tokenizerFromGguf((await readGguf(path, card.architecture)).metadata));
    const llama = await getLlama({ gpu: false, build: "never", progressLogs: false });
    oracle = await llama.loadModel({ modelPath: path, vocabOnly: true });
  });

  it("gives llama.cpp's token ids for 2,000 strings of many kinds", () => {
    const texts = strings();
    expect(texts.length).toBe(2_000);
    const different = texts.filter((text) => tokenizer.encode(text).join() !== oracle.tokenize(text, false).join());
    expect(different).toEqual([]);
  });

  it("gives llama.cpp's token ids next to every character of the older scripts, and some of the others", () => {
    const different: string[] = [];
    for (let code = 0; code < 0x10000; code += code < 0x3100 ? 1 : 23) {
      const x = String.fromCharCode(code);
      const text = `a${x}b ${x}1  ${x}.`;
      if (tokenizer.encode(text).join() !== oracle.tokenize(text, false).join()) different.push(code.toString(16));
    }
    expect(different).toEqual([]);
  });

  it("agrees on digits that JavaScript knows and llama.cpp does not yet", () => {
    for (const digit of ["\u{10d42}", "\u{116d5}", "\u{1ccf3}", "\u{1e5f9}"]) {
      for (const text of [`a ${digit}${digit}`, ` .${digit}1`, `  ${digit}b`]) {
        expect(tokenizer.encode(text)).toEqual([...oracle.tokenize(text, false)]);
      }
    }
  });

  it("gives llama.cpp's token ids for the card's chat template", () => {
    const { chat } = findCard();
    const text = `${chat.system}Be brief.${chat.end}${chat.user}Hi 42${chat.end}${chat.assistant}`;
    expect(tokenizer.encodeTemplate(text)).toEqual([...oracle.tokenize(text, true)]);
    expect(tokenizer.encodeTemplate(chat.stop)).toEqual([tokenizer.special(chat.stop)]);
    expect(tokenizer.special(chat.stop)).toBe(2);
  });

  it("decodes as llama.cpp does, back to the text", () => {
    // The model has no token for these bytes, and drops them: some control characters and the leads of empty planes.
    const lost = [0x04, 0x06, 0x13, 0x14, 0x16, 0x1d, 0xf1, 0xf2];
    for (const text of strings()) {
      const ids = tokenizer.encode(text);
      const decoded = tokenizer.decode(ids);
      expect(decoded).toBe(oracle.detokenize(ids as Token[], false));
      expect(decoded).toBe(Buffer.from(Buffer.from(text).filter((byte) => !lost.includes(byte))).toString());
    }
  });
});
