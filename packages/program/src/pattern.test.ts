import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { characterSet, utf8Ranges } from "./characters.ts";
import { Pattern, PatternError } from "./pattern.ts";

/** Expressions of the syntax, with texts that are near them. */
const expression: fc.Memo<string> = fc.memo((depth) => {
  const one = fc.constantFrom("a", "b", "\\.", "é", "😀", "[a-c]", "[^a-c]", "\\d", "\\w", ".", "[b\\]-]", "-");
  if (depth <= 1) return one;
  const inner = expression(depth - 1);
  return fc.oneof(
    one,
    fc.tuple(inner, inner).map((parts) => parts.join("")),
    fc.tuple(inner, inner).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(inner, fc.constantFrom("?", "*", "+", "{2}", "{1,3}", "{0,}")).map(([a, mark]) => `(${a})${mark}`),
  );
});
const text = fc.array(fc.constantFrom("a", "b", "c", ".", "é", "😀", "7", "_", "]", "-", " ", "ü"), { maxLength: 8 });

describe("a pattern", () => {
  it("matches what JavaScript's expression matches", () => {
    let matched = 0;
    fc.assert(
      fc.property(expression(4), fc.array(text, { minLength: 20, maxLength: 20 }), (source, texts) => {
        const pattern = new Pattern(source);
        const regExp = new RegExp(`^(?:${source})$`, "u");
        for (const one of texts.map((parts) => parts.join(""))) {
          expect(pattern.matches(one), `${source} ${one}`).toBe(regExp.test(one));
          matched += Number(pattern.matches(one));
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it("knows the shortest text from any place on", () => {
    fc.assert(
      fc.property(expression(4), fc.infiniteStream(fc.nat(255)), (source, bytes) => {
        const pattern = new Pattern(source);
        let state = pattern.start;
        const written: number[] = [];
        for (const byte of bytes) {
          if (written.length > 30) break;
          const next = pattern.step(state, byte);
          if (next === undefined) {
            if (written.length > 3 || byte % 7 === 0) break;
            continue;
          }
          written.push(byte);
          state = next;
        }
        const whole = new TextDecoder().decode(Uint8Array.from([...written, ...pattern.shortest(state)]));
        expect(pattern.matches(whole), `${source} ${whole}`).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("takes time in proportion to a text, whatever the expression", () => {
    const pattern = new Pattern("(a|a)*(a*)*b");
    expect(pattern.matches("a".repeat(100_000))).toBe(false);
  });

  it.each([
    ["a(b", "a ) is missing", 3],
    ["[a", "a ] is missing", 2],
    ["a)", ") is not expected here", 1],
    ["*a", "* stands for itself only behind a \\", 0],
    ["a\\s", "\\s: write a space instead", 1],
    ["\\p{L}", "\\p: of escapes there are", 0],
    ["(?=a)", "of groups there are", 1],
    ["[z-a]", "a range goes from", 4],
    ["a{3,1}", "has its smaller number last", 6],
    ['"', "cannot be written", 1],
    ["a\\", "it ends too early", 2],
    ["(?:a{9999}){9999}", "over 2000 parts", 0],
    ["(".repeat(60), "nested over 50 deep", 51],
  ])("%s is refused", (source, message, at) => {
    let found: unknown;
    try {
      new Pattern(source);
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(PatternError);
    expect((found as PatternError).message).toContain(message);
    expect((found as PatternError).at).toBe(at);
  });
});

describe("ranges of characters", () => {
  it("are ranges of bytes", () => {
    const point = fc.integer({ min: 0, max: 0x10ffff }).filter((one) => one < 0xd800 || one > 0xdfff);
    fc.assert(
      fc.property(point, point, point, (a, b, one) => {
        const range = [Math.min(a, b), Math.max(a, b)] as const;
        const bytes = new TextEncoder().encode(String.fromCodePoint(one));
        const found = characterSet([range], false)
          .flatMap(utf8Ranges)
          .filter(
            (sequence) =>
              sequence.length === bytes.length &&
              sequence.every(([from, to], i) => from <= (bytes[i] as number) && (bytes[i] as number) <= to),
          );
        const isWritten = /[^\p{Cc}\p{Cs}"\\]/u.test(String.fromCodePoint(one));
        expect(found.length).toBe(Number(isWritten && range[0] <= one && one <= range[1]));
      }),
      { numRuns: 2000 },
    );
  });
});
