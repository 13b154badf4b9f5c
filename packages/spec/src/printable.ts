/** Characters that nobody sees, by the names of the Unicode standard. */
const NAMES = new Map<number, string>([
  [0x00, "NULL"],
  [0x09, "TAB"],
  [0x0b, "LINE TABULATION"],
  [0x0c, "FORM FEED"],
  [0x0d, "CARRIAGE RETURN"],
  [0x1b, "ESCAPE"],
  [0x7f, "DELETE"],
  [0x85, "NEXT LINE"],
  [0x9b, "CONTROL SEQUENCE INTRODUCER"],
  [0xa0, "NO-BREAK SPACE"],
  [0xad, "SOFT HYPHEN"],
  [0x34f, "COMBINING GRAPHEME JOINER"],
  [0x61c, "ARABIC LETTER MARK"],
  [0x115f, "HANGUL CHOSEONG FILLER"],
  [0x1160, "HANGUL JUNGSEONG FILLER"],
  [0x1680, "OGHAM SPACE MARK"],
  [0x180e, "MONGOLIAN VOWEL SEPARATOR"],
  [0x2000, "EN QUAD"],
  [0x2001, "EM QUAD"],
  [0x2002, "EN SPACE"],
  [0x2003, "EM SPACE"],
  [0x2004, "THREE-PER-EM SPACE"],
  [0x2005, "FOUR-PER-EM SPACE"],
  [0x2006, "SIX-PER-EM SPACE"],
  [0x2007, "FIGURE SPACE"],
  [0x2008, "PUNCTUATION SPACE"],
  [0x2009, "THIN SPACE"],
  [0x200a, "HAIR SPACE"],
  [0x200b, "ZERO WIDTH SPACE"],
  [0x200c, "ZERO WIDTH NON-JOINER"],
  [0x200d, "ZERO WIDTH JOINER"],
  [0x200e, "LEFT-TO-RIGHT MARK"],
  [0x200f, "RIGHT-TO-LEFT MARK"],
  [0x2028, "LINE SEPARATOR"],
  [0x2029, "PARAGRAPH SEPARATOR"],
  [0x202a, "LEFT-TO-RIGHT EMBEDDING"],
  [0x202b, "RIGHT-TO-LEFT EMBEDDING"],
  [0x202c, "POP DIRECTIONAL FORMATTING"],
  [0x202d, "LEFT-TO-RIGHT OVERRIDE"],
  [0x202e, "RIGHT-TO-LEFT OVERRIDE"],
  [0x202f, "NARROW NO-BREAK SPACE"],
  [0x205f, "MEDIUM MATHEMATICAL SPACE"],
  [0x2060, "WORD JOINER"],
  [0x2066, "LEFT-TO-RIGHT ISOLATE"],
  [0x2067, "RIGHT-TO-LEFT ISOLATE"],
  [0x2068, "FIRST STRONG ISOLATE"],
  [0x2069, "POP DIRECTIONAL ISOLATE"],
  [0x2800, "BRAILLE PATTERN BLANK"],
  [0x3000, "IDEOGRAPHIC SPACE"],
  [0x3164, "HANGUL FILLER"],
  [0xfeff, "ZERO WIDTH NO-BREAK SPACE"],
  [0xffa0, "HALFWIDTH HANGUL FILLER"],
]);

/**
 * Controls, formats, halves of surrogate pairs, line separators, all blanks but the space, and the fillers, which are
 * letters.
 */
const INVISIBLE = String.raw`(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}\u034f\u115f\u1160\u2800\u3164\uffa0]`;
/** An emoji of several people is held together by joiners. */
const JOINED = String.raw`(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})`;
const EVERY = new RegExp(`(?!${JOINED})${INVISIBLE}`, "gu");

/**
 * Text of a file as a message may show it: what nobody sees is named (`<U+00A0 NO-BREAK SPACE>`), so that it is found,
 * and reaches no terminal, where it could hide or forge lines.
 *
 * @param but a character that stays, such as a line break between lines of ours
 */
export function printable(text: string, but?: string): string {
  return text.replace(EVERY, (character) => (character === but ? character : nameOf(character)));
}

/** The same in one column a character, for frames. */
export function placeholders(line: string): string {
  return line.replace(EVERY, (character) => (character === "\t" ? character : "\u00b7".repeat(character.length)));
}

/** A text without what nobody sees, in one normal form and case: what people take for the same. */
export function looksLike(text: string): string {
  return text.normalize("NFKC").replace(EVERY, " ").replace(/\s+/g, " ").trim().toLowerCase();
}

/** The first character in a text that nobody sees, named. */
export function invisibleIn(text: string): string | undefined {
  const [first] = text.match(EVERY) ?? [];
  return first && nameOf(first);
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) as number;
  const name = NAMES.get(code);
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}${name === undefined ? "" : ` ${name}`}>`;
}
