/**
 * Where one is inside of a JSON string: 0 = between characters; 1 to 3 = so many bytes of a character are missing; 4 =
 * behind a backslash; 5 to 8 = one to four hex digits of an escape are missing.
 */
export type BodyState = number;

export const BETWEEN = 0;
const [ESCAPE, HEX] = [4, 8];

/** What stands between the quotes of a JSON string. */
export const stringBody: { step(state: BodyState, byte: number): BodyState | undefined } = { step };

/** The state after a byte; undefined where it cannot stand there (RFC 8259, section 7, and UTF-8). */
function step(state: BodyState, byte: number): BodyState | undefined {
  if (state === BETWEEN) {
    if (byte === 0x5c) return ESCAPE;
    if (byte < 0x20 || byte === 0x22) return undefined;
    if (byte < 0x80) return BETWEEN;
    if (byte >= 0xc2 && byte <= 0xdf) return 1;
    if (byte >= 0xe0 && byte <= 0xef) return 2;
    return byte >= 0xf0 && byte <= 0xf4 ? 3 : undefined;
  }
  if (state < ESCAPE) return byte >= 0x80 && byte <= 0xbf ? state - 1 : undefined;
  const character = String.fromCharCode(byte);
  if (state === ESCAPE) return character === "u" ? HEX : '"\\/bfnrt'.includes(character) ? BETWEEN : undefined;
  if (!/[\da-f]/i.test(character)) return undefined;
  return state === ESCAPE + 1 ? BETWEEN : state - 1;
}
