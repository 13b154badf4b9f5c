/** Code points from one to another, both included. */
export type Range = readonly [from: number, to: number];

/** All but control characters, the quote, the backslash, and the halves of pairs. */
const written: readonly Range[] = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0x7e],
  [0xa0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** The characters that may be written, of some ranges or, negated, beside them. */
export function characterSet(ranges: readonly Range[], isNegated: boolean): Range[] {
  return isNegated
    ? ranges.reduce<Range[]>((rest, range) => rest.flatMap((one) => without(one, range)), [...written])
    : ranges.flatMap(([from, to]) =>
        written.flatMap(([low, high]): Range[] => {
          const both: Range = [Math.max(from, low), Math.min(to, high)];
          return both[0] <= both[1] ? [both] : [];
        }),
      );
}

function without([from, to]: Range, [low, high]: Range): Range[] {
  const parts: Range[] = [
    [from, Math.min(to, low - 1)],
    [Math.max(from, high + 1), to],
  ];
  return parts.filter(([a, b]) => a <= b);
}

/** Where the length of UTF-8 changes. */
const lengths = [0x7f, 0x7ff, 0xffff];

/**
 * The bytes of a range's characters: sequences, each of ranges of bytes, any of which may follow each other. (A range is
 * cut where one of its later bytes does not go through all of its values.)
 */
export function utf8Ranges([from, to]: Range): Range[][] {
  const border = lengths.find((last) => from <= last && to > last);
  if (border !== undefined) return [...utf8Ranges([from, border]), ...utf8Ranges([border + 1, to])];
  if (to > 0x7f) {
    for (let bits = 6; bits <= 18; bits += 6) {
      const low = 2 ** bits - 1;
      if (from >> bits === to >> bits) continue;
      if ((from & low) !== 0) return [...utf8Ranges([from, from | low]), ...utf8Ranges([(from | low) + 1, to])];
      if ((to & low) !== low) {
        const start = to - (to & low);
        return [...utf8Ranges([from, start - 1]), ...utf8Ranges([start, to])];
      }
    }
  }
  const [first, last] = [bytesOf(from), bytesOf(to)];
  return [Array.from(first, (byte, i): Range => [byte, last[i] as number])];
}

const bytesOf = (point: number) => new TextEncoder().encode(String.fromCodePoint(point));
