import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { decodeProgram, encodeProgram } from "@unplugin-paw/program";
import { parseSpec } from "@unplugin-paw/spec";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Entry, openEntry, packEntry, parseManifest, printManifest, unpackEntry } from "./entry.ts";
import { DamagedEntry } from "./errors.ts";
import { entryPath, readEntry, writeEntry } from "./folder.ts";
import type { Origin } from "./origin.ts";

const program = decodeProgram(readFileSync(new URL("../../../fixtures/programs/small-i8.weights", import.meta.url)));
const { spec } = parseSpec(
  "---\nreturns: [good, bad]\n---\nIs it good?\n\n## Tests\n- Yes => good\n- No => bad\n",
  "mood.paw",
);
if (!spec) throw new Error("the spec is wrong");
const origin: Origin = {
  ...{ name: "mood", spec: spec.digest, effort: "draft", seed: 3, compiler: "0.1.0", method: 1 },
  interpreter: { id: "an-interpreter", digest: "a".repeat(64) },
};
const { head: _, ...headless } = program;
const weights = encodeProgram({
  ...headless,
  name: "mood",
  interpreter: origin.interpreter,
  spec: { digest: spec.digest },
  compiler: { version: "0.1.0", effort: "draft", seed: 3 },
  contract: spec.contract,
  calibration: { temperature: 1 },
});
const results: Entry["results"] = [{ output: "good" }, { error: { message: "no answer", raw: "goo" } }];
const packed = packEntry(origin, { weights, results, metadata: headless });

test("an entry comes out of its value as it went in", () => {
  const entry = unpackEntry(packed, origin, spec);
  expect(Buffer.compare(entry.weights, weights)).toBe(0);
  expect(entry.results).toEqual(results);
  expect(entry.metadata).toMatchObject({ name: "mood", contract: spec.contract });
  // Wherever in a buffer it lies.
  const shifted = Buffer.concat([Buffer.alloc(3), packed]).subarray(3);
  expect(unpackEntry(shifted, origin, spec).results).toEqual(results);
});

test("an entry of format 1 is read, one of a later format than this is refused", () => {
  const folder = fileURLToPath(new URL("../../../fixtures/programs/v1", import.meta.url));
  const entry = readEntry(folder, origin, spec);
  expect(entry?.results).toEqual(results);
  expect(decodeProgram(entry?.weights as Uint8Array).contract).toEqual(spec.contract);
  const text = printManifest(origin, { weights, results, metadata: headless });
  expect(parseManifest(text)).toMatchObject({ format: "unplugin-paw program 2", provenance: headless.provenance });
  const { message, hint } = thrown(() => parseManifest(text.replace("program 2", "program 3")));
  expect(message).toBe("program.json has the format 3, and this version reads up to 2");
  expect(hint).toBe("Update unplugin-paw, or compile the spec again.");
});

function thrown(run: () => unknown): DamagedEntry {
  try {
    run();
  } catch (error) {
    return error as DamagedEntry;
  }
  throw new Error("it was taken");
}

test("whatever happens to the bytes, it is the same entry or a damaged one", () => {
  const read = (bytes: Uint8Array) => {
    try {
      const entry = unpackEntry(bytes, origin, spec);
      return Buffer.compare(entry.weights, weights) === 0 && JSON.stringify(entry.results) === JSON.stringify(results);
    } catch (error) {
      return error instanceof DamagedEntry;
    }
  };
  const place = fc.nat(packed.length - 1);
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = new Uint8Array(packed);
      bytes[at] = (bytes[at] as number) ^ change;
      return read(bytes);
    }),
    { numRuns: 300 },
  );
  fc.assert(fc.property(place, (length) => read(packed.subarray(0, length))));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), read));
});

test("a manifest is read as JSON of any kind without a crash", () => {
  const text = printManifest(origin, { weights, results, metadata: headless });
  expect(parseManifest(text.replaceAll("\n", "\r\n"))).toMatchObject(origin);
  const refused = (json: string) => {
    try {
      parseManifest(json);
      return false;
    } catch (error) {
      return error instanceof DamagedEntry;
    }
  };
  fc.assert(fc.property(fc.json(), refused));
  const manifest = JSON.parse(text);
  for (const field of Object.keys(manifest)) {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) =>
          isDeepStrictEqual(value, manifest[field]) || refused(JSON.stringify({ ...manifest, [field]: value })),
      ),
    );
  }
  expect(refused(text.replace('"output": "good"', `"output": ${"[".repeat(100_000)}${"]".repeat(100_000)}`))).toBe(
    true,
  );
});

test("sound weights of anything else are another program", () => {
  const text = printManifest(origin, { weights, results, metadata: headless });
  expect(openEntry(text, weights, origin, spec).results).toEqual(results);
  const other = parseSpec("---\nreturns: [good, bad, unsure]\n---\nIs it good?\n", "mood.paw").spec;
  // The spec says that it returns something else than the program does.
  expect(() => openEntry(text, weights, origin, { ...spec, contract: other?.contract ?? spec.contract })).toThrow(
    "the weights are those of another program",
  );
  for (const change of [{ seed: 4 }, { name: "temper" }, { effort: "standard" as const }, { method: 2 }]) {
    expect(() => openEntry(text, weights, { ...origin, ...change }, spec)).toThrow(
      "program.json is of another program",
    );
  }
  expect(() => openEntry(text, weights, origin, { ...spec, tests: [] })).toThrow("results of other tests");
});

describe("the weights of an entry in a cache, which are read when they are asked for", () => {
  const other: Origin = { ...origin, seed: 4 };

  /** A cache with the entry, which has been looked at, and so has another one since. */
  async function looked() {
    const cache = mkdtempSync(join(tmpdir(), "paw-entry-"));
    onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
    const metadata = { ...headless, compiler: { ...headless.compiler, seed: 3 } };
    await writeEntry(cache, origin, { weights, results, metadata });
    const changed = encodeProgram({
      ...decodeProgram(weights),
      compiler: { version: "0.1.0", effort: "draft", seed: 4 },
    });
    await writeEntry(cache, other, { weights: changed, results, metadata });
    // (Clocks of file systems go by some milliseconds.)
    utimesSync(entryPath(cache, origin), 0, 0);
    const entry = readEntry(cache, origin, spec as NonNullable<typeof spec>);
    if (!entry) throw new Error("it was put there");
    readEntry(cache, other, spec as NonNullable<typeof spec>);
    return entry;
  }

  test("are its own, whatever was read meanwhile", async () => {
    expect(Buffer.compare((await looked()).weights, weights)).toBe(0);
  });

  test("may have been written anew, as the same", async () => {
    const entry = await looked();
    rmSync(entry.path);
    writeFileSync(entry.path, weights);
    expect(Buffer.compare(entry.weights, weights)).toBe(0);
  });

  test.each<[string, (path: string) => void]>([
    [
      "altered",
      (path) =>
        writeFileSync(
          path,
          weights.map((byte, i) => (i === weights.length - 1 ? byte ^ 1 : byte)),
        ),
    ],
    ["cut", (path) => writeFileSync(path, weights.subarray(0, -1))],
    ["removed", (path) => rmSync(path)],
  ])("are not given out when they were %s meanwhile", async (_, change) => {
    const entry = await looked();
    change(entry.path);
    expect(() => entry.weights).toThrow(DamagedEntry);
  });
});
