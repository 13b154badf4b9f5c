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
export function strings(): string[] {
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
