/** Numbers that look random and come again with the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). (mulberry32) */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7c, 0xfc];

/** Bytes that were damaged in up to eight places: changed, cut, doubled, or written over with numbers at the limits. */
export function mutateBytes(random: Random, bytes: Uint8Array): Buffer {
  let out: Buffer = Buffer.from(bytes);
  for (let i = random.below(8); i >= 0; i--) {
    const at = random.below(out.length + 1);
    const length = random.below(64);
    switch (random.below(6)) {
      case 0:
      case 1:
        if (out.length > 0) out[at % out.length] = random.next() < 0.5 ? random.below(256) : random.pick(NUMBERS);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), Buffer.alloc(length, random.below(256)), out.subarray(at)]);
        break;
      case 3:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 4:
        out.fill(0xff, at, Math.min(out.length, at + random.pick([4, 8])));
        break;
      default:
        if (random.next() < 0.2) out = Buffer.from(out.subarray(0, at));
    }
  }
  return out;
}

/** Texts that readers of texts have stumbled over. */
const SNIPPETS = [
  ..."{}[]()<>\"'`:,#|>-=&*!%@\\\n\r\t\0",
  ..."\u00a0\u200b\u202e\ufeff\u2028\ud800",
  "\x1b[2J\x1b]0;owned\x07",
  "=>",
  "---\n",
  "\r\n",
  "## Examples\n",
  "## Tests\n",
  "- from: ../../../../etc/passwd\n",
  "- from: /dev/zero\n",
  "__proto__",
  "constructor",
  "../..",
  "1e999",
  "-0",
  "NaN",
  "null",
  "true",
  "&a [*a, *a]",
  "<<: *a",
  "!!js/function x",
  "{{input}}",
  "<|im_end|>",
  "$(touch owned)",
  "%s%n",
];

/** A text that was edited in up to twelve places. */
export function mutateText(random: Random, text: string): string {
  let out = text;
  for (let i = random.below(12); i >= 0; i--) {
    const at = random.below(out.length + 1);
    const snippet = random.pick(SNIPPETS);
    switch (random.below(5)) {
      case 0:
        out = out.slice(0, at) + out.slice(at + random.below(40));
        break;
      case 1: {
        const from = random.below(out.length + 1);
        out = out.slice(0, at) + out.slice(from, from + random.below(200)) + out.slice(at);
        break;
      }
      case 2:
        // (Few are long: the point is what grows faster than its input.)
        out =
          out.slice(0, at) +
          snippet.repeat(random.pick([1, 2, 8, 64, 5000, random.next() < 0.03 ? 200_000 : 1])) +
          out.slice(at);
        break;
      default:
        out = out.slice(0, at) + snippet + out.slice(at);
    }
  }
  return out;
}

/** Any JSON value, some of them strange. */
export function anyValue(random: Random, depth = 0): unknown {
  const plain = [0, -1, 1e308, 2 ** 53, 0.1, "", "a", "\x1b[31m", "x".repeat(5000), null, true, false, "__proto__", []];
  const kind = random.below(depth > 3 ? 1 : 4);
  if (kind <= 1) return random.pick(plain);
  const items = Array.from({ length: random.below(5) }, () => anyValue(random, depth + 1));
  return kind === 2
    ? items
    : Object.fromEntries(items.map((item, i) => [random.pick(["a", "kind", "text", `k${i}`]), item]));
}

/** Changes a JSON value in some places. */
export function mutateJson<T>(random: Random, value: T): T {
  const root = { root: structuredClone(value) as unknown };
  for (let i = random.below(4); i >= 0; i--) {
    let here = root as { [key: string]: unknown };
    let key = "root";
    for (let steps = random.below(8); steps > 0; steps--) {
      const next = here[key];
      if (typeof next !== "object" || next === null || Object.keys(next).length === 0) break;
      here = next as typeof here;
      key = random.pick(Object.keys(here));
    }
    if (random.next() < 0.2) delete here[key];
    else here[key] = anyValue(random);
  }
  return root.root as T;
}
