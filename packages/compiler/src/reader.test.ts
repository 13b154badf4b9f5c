import { sharedEngine } from "@unplugin-paw/runtime/engine";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { describe, expect, it } from "vitest";
import { prefixOf, prepare } from "./material.ts";
import { promptTokens, wordings } from "./prompt.ts";
import { seededRandom } from "./random.ts";
import { readerOf } from "./reader.ts";

const spec = parseSpec("---\nreturns: [good, bad]\n---\nThe mood of a text.\n", "mood.paw").spec as Spec;

describe("what reads a spec", () => {
  it("is another model than what runs its program, and begins the program", async () => {
    const engine = await sharedEngine();
    const [instructions] = wordings(spec) as [string];
    const tokens = promptTokens(engine.interpreter, { instructions, shots: [] });
    const [read, run] = await Promise.all([(await readerOf(engine)).prefill(tokens), engine.session.prefill(tokens)]);
    expect(read.keys).toHaveLength(run.keys.length);
    const distance = Math.hypot(...read.values.map((value, i) => value - (run.values[i] as number)));
    // Not the same, and not something else altogether.
    expect(distance / Math.hypot(...run.values)).toBeGreaterThan(0.02);
    expect(distance / Math.hypot(...run.values)).toBeLessThan(0.5);
    const material = await prepare(spec, engine, seededRandom(0), undefined);
    const begun = await prefixOf(material, { instructions, shots: [] });
    expect(begun.values.every((value, i) => value === read.values[i])).toBe(true);
  });

  it("is what runs where there are many examples", async () => {
    const engine = await sharedEngine();
    const pairs = Array.from(
      { length: 24 },
      (_, i) => `- day ${i} was ${i % 2 ? "fine" : "awful"} => ${i % 2 ? "good" : "bad"}`,
    );
    const text = `---\nreturns: [good, bad]\n---\nThe mood of a text.\n\n## Examples\n\n`;
    const readerFor = async (count: number) => {
      const spec = parseSpec(`${text}${pairs.slice(0, count).join("\n")}\n`, "mood.paw").spec as Spec;
      expect(spec.examples).toHaveLength(count);
      return (await prepare(spec, engine, seededRandom(0), undefined)).reader;
    };
    expect(await readerFor(24)).toBe(engine.session);
    expect(await readerFor(23)).toBe(await readerOf(engine));
  });

  it("is loaded once", async () => {
    const engine = await sharedEngine();
    expect(await readerOf(engine)).toBe(await readerOf(engine));
  });

  it("is the interpreter where nothing was trained for it", async () => {
    const plain = await sharedEngine({ id: "smollm2-135m-instruct" });
    expect(await readerOf(plain)).toBe(plain.session);
    const engine = await sharedEngine();
    const other = { ...engine, interpreter: { ...engine.interpreter, digest: "0".repeat(64) } };
    expect(await readerOf(other)).toBe(engine.session);
  });
});
