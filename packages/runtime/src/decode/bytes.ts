const utf8 = new TextEncoder();

/**
 * A text's UTF-8, or a token's bytes, as a text of one character a byte, which is quick to look up: tokens may be parts
 * of a character.
 *
 * @example
 * binary("é"); // "\u00c3\u00a9"
 */
export function binary(of: string | Uint8Array): string {
  let text = "";
  for (const byte of typeof of === "string" ? utf8.encode(of) : of) text += String.fromCharCode(byte);
  return text;
}
