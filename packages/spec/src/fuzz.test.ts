import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDiagnostic, type ParseResult, parseSpec, specTypes } from "./index.ts";

const folder = fileURLToPath(new URL("../../../fixtures/specs/", import.meta.url));
const specs = readdirSync(folder).filter((file) => file.endsWith(".paw"));

/** Pieces of the language in the wrong place are likelier to hurt than random bytes. */
const PIECES = [
  ..."\n\t\r\0\"'`|[]{}()#-:=>\\?&*!%@,~",
  ..."--- ``` => |\n \uFEFF \u2028 \u{1F600} [[[[ {{{{ __proto__: &a *a !!binary <<: %YAML".split(" "),
  ..."returns: input: output: from: ./data/reviews.csv date string[] 1e999 .inf ## - \n---\n \n##\u0020Tests\n".split(
    " ",
  ),
];

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("byte" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.double({ min: 0, max: 1, noNaN: true }), size: fc.nat(40) }),
  fc.record({
    kind: fc.constant("piece" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    piece: fc.constantFrom(...PIECES),
    times: fc.constantFrom(1, 1, 1, 50),
  }),
  fc.record({ kind: fc.constant("swap" as const), from: fc.nat(40), to: fc.nat(40) }),
  fc.record({ kind: fc.constant("copy" as const), from: fc.nat(40), to: fc.nat(40) }),
  fc.record({ kind: fc.constant("drop" as const), line: fc.nat(40) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  if (change.kind === "byte" || change.kind === "cut" || change.kind === "piece") {
    const at = Math.floor(change.at * bytes.length);
    const insert =
      change.kind === "byte" ? Buffer.of(change.byte) : change.kind === "cut" ? "" : change.piece.repeat(change.times);
    const skip = change.kind === "byte" ? 1 : change.kind === "cut" ? change.size : 0;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + skip)]);
  }
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const index = (line: number): number => line % lines.length;
  if (change.kind === "drop") lines.splice(index(change.line), 1);
  else {
    const line = lines[index(change.from)] as string;
    if (change.kind === "copy") lines.splice(index(change.to), 0, line);
    else [lines[index(change.from)], lines[index(change.to)]] = [lines[index(change.to)] as string, line];
  }
  return Buffer.from(lines.join("\n"), "latin1");
}

function check({ spec, diagnostics }: ParseResult): void {
  expect(spec === undefined).toBe(diagnostics.some((diagnostic) => diagnostic.severity === "error"));
  for (const diagnostic of diagnostics) {
    expect(diagnostic.location.line).toBeGreaterThan(0);
    expect(diagnostic.location.column).toBeGreaterThan(0);
    expect(formatDiagnostic(diagnostic)).toContain(diagnostic.message);
  }
  if (spec) expect(specTypes(spec).code).toContain("export default");
}

test("2,000 mutated specs give diagnostics, never an exception", () => {
  const outcomes = { good: 0, bad: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...specs), fc.array(mutation, { minLength: 1, maxLength: 4 }), (file, changes) => {
      const path = join(folder, file);
      const result = parseSpec(changes.reduce(mutate, readFileSync(path)), path);
      check(result);
      outcomes[result.spec ? "good" : "bad"]++;
    }),
    { numRuns: 2000, seed: 20261124 },
  );
  // Mutations that break nothing, or everything, would prove nothing.
  expect(outcomes.good).toBeGreaterThan(200);
  expect(outcomes.bad).toBeGreaterThan(1000);
}, 20_000);

test("500 mutated data files give diagnostics, never an exception", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("reviews.paw", "triage.paw"),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      (file, changes) => {
        const path = join(folder, file);
        const readFile = (data: string): Uint8Array => changes.reduce(mutate, readFileSync(data));
        check(parseSpec(readFileSync(path), path, { readFile }));
      },
    ),
    { numRuns: 500, seed: 20261124 },
  );
});
