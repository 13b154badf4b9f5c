import fc from "fast-check";
import { expect, test } from "vitest";
import { seal } from "./checksum.ts";
import { decodeProgram, encodeProgram, ProgramError } from "./index.ts";
import { editProgram, headerEnd, headerOf, smallProgram, withHeader } from "./testing.ts";

const file = encodeProgram(smallProgram());
const f16 = encodeProgram(smallProgram(), { prefix: "f16" });
const headed = encodeProgram({
  ...smallProgram(),
  head: { layers: 1, weights: new Float32Array(24).fill(0.5), bias: new Float32Array(3) },
});

type Mutation = (bytes: Uint8Array) => Uint8Array;

// Without bias: positions spread over the file instead of crowding at its start.
const position = fc.noBias(fc.nat({ max: 9999 })).map((part) => part / 10_000);

const flips: fc.Arbitrary<Mutation> = fc
  .array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 })
  .map((edits) => (bytes) => {
    const result = bytes.slice();
    for (const [at, byte] of edits) result[Math.floor(at * result.length)] = byte;
    return result;
  });

/** High bytes of NaN, infinities and negative numbers in f16, and -128, in the tensors. */
const tensorBytes: fc.Arbitrary<Mutation> = fc
  .tuple(position, fc.constantFrom(0x7c, 0x7e, 0x80, 0xbc, 0xfc, 0xff))
  .map(([at, byte]) => (bytes) => {
    const begin = headerEnd(bytes);
    return bytes.with(begin + Math.floor(at * (bytes.length - begin)), byte);
  });

const truncation: fc.Arbitrary<Mutation> = position.map((at) => (bytes) => bytes.slice(0, at * bytes.length));

const insertion: fc.Arbitrary<Mutation> = fc
  .tuple(position, fc.uint8Array({ minLength: 1, maxLength: 20 }))
  .map(([at, added]) => (bytes) => {
    const cut = Math.floor(at * bytes.length);
    return new Uint8Array([...bytes.subarray(0, cut), ...added, ...bytes.subarray(cut)]);
  });

const headerLength: fc.Arbitrary<Mutation> = fc
  .oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 3000n }))
  .map((length) => (bytes) => {
    const result = bytes.slice();
    new DataView(result.buffer).setBigUint64(0, length, true);
    return result;
  });

/** Puts any JSON value (numbers at the limits among them) at any place of a JSON value, or removes what is there. */
const jsonEdit = fc
  .tuple(
    fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(
        0,
        -1,
        1,
        0.5,
        2 ** 26,
        2 ** 31,
        2 ** 53,
        1e308,
        "",
        "F16",
        "I8",
        [],
        {},
        null,
        undefined,
      ),
    ),
  )
  .map(([path, value]) => (root: unknown): void => {
    let here = root as { [key: string]: unknown };
    path.forEach((step, depth) => {
      const keys = Object.keys(here);
      if (keys.length === 0) return;
      const key = keys[step % keys.length] as string;
      const next = here[key];
      if (depth < path.length - 1 && typeof next === "object" && next !== null) here = next as typeof here;
      else here[key] = structuredClone(value);
    });
  });

const headerEdit: fc.Arbitrary<Mutation> = jsonEdit.map((edit) => (bytes) => {
  const header = headerOf(bytes);
  edit(header);
  return withHeader(bytes, JSON.stringify(header));
});

const programEdit: fc.Arbitrary<Mutation> = jsonEdit.map((edit) => (bytes) => editProgram(bytes, edit));

const headerText: fc.Arbitrary<Mutation> = fc
  .tuple(
    position,
    fc.nat({ max: 5 }),
    fc.constantFrom('"', "{", "}", "[", "]", ",", "9", "-", "e9", "\\u0000", '"__proto__":{},'),
  )
  .map(([at, removed, added]) => (bytes) => {
    const text = new TextDecoder().decode(bytes.subarray(8, headerEnd(bytes)));
    const cut = Math.floor(at * text.length);
    return withHeader(bytes, text.slice(0, cut) + added + text.slice(cut + removed));
  });

test("2,000 mutated files: a ProgramError each, or a program that can be written and read again", () => {
  const outcomes = new Map<string, number>();
  const mutation = fc.oneof(
    flips,
    tensorBytes,
    truncation,
    insertion,
    headerLength,
    headerEdit,
    programEdit,
    headerText,
  );
  fc.assert(
    // Most files are forged to a right checksum, or nothing behind that check would be tried.
    fc.property(
      fc.constantFrom(file, f16, headed),
      mutation,
      fc.integer({ min: 0, max: 3 }),
      (original, mutate, forge) => {
        const mutated = mutate(original);
        const bytes = forge > 0 && mutated.length > 64 ? seal(mutated) : mutated;
        let outcome = "decoded";
        try {
          const program = decodeProgram(bytes);
          const again = decodeProgram(encodeProgram(program, { prefix: "f16" }));
          // As JSON, where -0 is 0.
          expect(JSON.stringify({ ...again, prefix: null })).toBe(JSON.stringify({ ...program, prefix: null }));
          expect(program.prefix.keys.every(Number.isFinite) && program.prefix.values.every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!(error instanceof ProgramError)) throw error;
          expect(error.message && error.hint).toBeTruthy();
          outcome = error.code;
        }
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      },
    ),
    { numRuns: 2000, seed: 20261124 },
  );
  // The mutations must reach every check, or the test says little.
  const reached = [
    "decoded",
    "not-weights",
    "truncated",
    "header",
    "layout",
    "tensor",
    "checksum",
    "value",
    "program",
    "version",
  ];
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(reached));
  expect(outcomes.get("decoded")).toBeLessThan(1000);
});
