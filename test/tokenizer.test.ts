import { getLlama, type LlamaModel, type Token } from "node-llama-cpp";
import { beforeAll, describe, expect, it } from "vitest";
import { findCard } from "../packages/interpreter/src/cards.ts";
import { readGguf } from "../packages/interpreter/src/gguf.ts";
import { createTokenizer, type Tokenizer, tokenizerFromGguf } from "../packages/interpreter/src/tokenizer.ts";
import { oracleFile } from "./oracle.ts";

/** Mulberry32: the same strings on every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const pieces: Record<string, string[]> = {
  words: "The quick brown fox doesn't jump; it's I'M WE'LL they've o'clock e-mail naïve café Straße ¿Qué? ﬁne".split(
    " ",
  ),
  code: [
    `const x = await fetch(\`/api/\${id}\`);`,
    "for (let i=0;i<n;++i) { a[i] += b[i]*2; }",
    "\tdef __init__(self, *args, **kwargs):\n\t\treturn None",
    "SELECT * FROM t WHERE a <> 'b' -- c",
    "</div>\n\n<!-- x -->",
    "\\u00e9\\n\\\\",
    "#include <stdio.h>\r\nint main(){}",
    "x===y?.z??0xFFn",
    'git commit -m "fix: #42" && rm -rf ./dist',
  ],
  digits: ["0", "7", "42", "2024", "3.14159", "1,000,000", "١٢٣", "४५६", "½", "Ⅷ", "²", "①", "10:45", "-5e-3", "１２"],
  emoji: ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🇫🇷🇯🇵", "❤️", "☃", "🏳️‍🌈", "1️⃣", "🫠"],
  scripts: [
    "今日は良い天気ですね。",
    "我爱自然语言处理",
    "한국어 문장입니다",
    "مرحبا بالعالم، كيف حالك؟",
    "שָׁלוֹם עולם",
    "नमस्ते दुनिया क्षत्रिय",
    "สวัสดีชาวโลก",
    "Привет, мир!",
    "Γειά σου Κόσμε",
    "გამარჯობა",
    "ሰላም",
    "e\u0301 n\u0303 a\u0308\u0323 Z\u0351\u036B\u0343",
    "ﷺ",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "𐎀𐎁",
  ],
  blanks: [
    " ",
    "  ",
    "   ",
    "\t",
    "\t\t",
    "\n",
    "\n\n",
    "\r\n",
    " \n ",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u200b",
    "\ufeff",
    "\u0085",
    "\v\f",
    "\u1680",
  ],
  special: [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|im_start|>system\n",
    "<repo_name>",
    "<file_sep>",
    "<|im_",
    "|>",
    "<jupyter_code>",
  ],
  odd: [
    "\0",
    "\u0001",
    "\u007f",
    "\ufffd",
    "\ufffe",
    "\ud83d",
    "\ude00",
    "\u202e",
    "\u00ad",
    "'",
    "''s",
    " 's",
    "'S",
    "…",
    "—",
    "``",
    "!!!",
    "???!",
  ],
};

/** Two thousand strings: each kind alone, then all kinds mixed, random code points, long runs, the empty string. */
function strings(): string[] {
  const random = generator(1);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const kinds = Object.values(pieces);
  const all = kinds.flat();
  const separators = ["", " ", "  ", "\n", "\t", "1", "'", "\u00a0"];
  const join = (from: string[], count: number) =>
    Array.from({ length: count }, () => pick(from) + pick(separators)).join("");
  const anyCodePoint = () =>
    String.fromCodePoint(random([0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x110000][random(6)] as number));

  const found = new Set<string>(["", ...all]);
  for (const kind of kinds) for (let i = 0; i < 100; i++) found.add(join(kind, 1 + random(8)));
  for (const unit of all) found.add(unit.repeat(50 + random(200)));
  while (found.size < 1_700) found.add(join(all, 1 + random(20)));
  while (found.size < 2_000) found.add(Array.from({ length: 1 + random(40) }, anyCodePoint).join(""));
  return [...found];
}

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
