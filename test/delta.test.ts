import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "@unplugin-paw/compiler";
import { findCard, openInterpreter } from "@unplugin-paw/interpreter";
import { readFloatWeights } from "@unplugin-paw/interpreter/model";
import { parseSpec } from "@unplugin-paw/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDelta } from "../packages/interpreter/src/delta.ts";
import { dequantise } from "../packages/interpreter/src/dequantise.ts";
import { readGguf } from "../packages/interpreter/src/gguf.ts";
import { oracleFile } from "./oracle.ts";

const card = findCard("paw-135m");
const delta = card.delta ?? expect.unreachable();
let home: string;
let gguf: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "paw-delta-"));
  gguf = await oracleFile();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);

describe("a card with a delta", () => {
  it("converts to an interpreter of its own, whose numbers are the GGUF's moved by the delta", async () => {
    const interpreter = await openInterpreter({ card, gguf, home });
    const plain = await openInterpreter({ card: findCard("smollm2-135m-instruct"), gguf });
    expect(interpreter.digest).not.toBe(plain.digest);
    expect(interpreter.places).toEqual(plain.places);
    const weights = await readFloatWeights(interpreter);
    const file = await readGguf(gguf, "llama");
    const changes = await readDelta(delta);

    // Rows that are in the GGUF's own order: value' = scale * (1 + s) * (code - 7.5) + scale * o + (minimum + 7.5 *
    // scale)
    const name = "blk.7.ffn_down";
    const bytes = await file.readTensor(`${name}.weight`);
    const values = dequantise("Q4_1", bytes);
    const [scales, offsets] = [changes.values(`${name}.scales`), changes.values(`${name}.offsets`)];
    const half = (at: number) => dequantise("F16", bytes.subarray(at, at + 2))[0] as number;
    let moved = 0;
    let worst = 0;
    const found = weights.get("7.down")?.data as Float32Array;
    expect(found).toHaveLength(values.length);
    for (let block = 0; block < values.length / 32; block++) {
      const [scale, minimum] = [half(block * 20), half(block * 20 + 2)];
      const [s = 0, o = 0] = [scales?.[block], offsets?.[block]];
      const centre = minimum + 7.5 * scale;
      for (let i = 32 * block; i < 32 * block + 32; i++) {
        const value = values[i] as number;
        const expected = (1 + s) * (value - centre) + scale * o + centre;
        moved = Math.max(moved, Math.abs(expected - value) / scale);
        // Scale and minimum are float16.
        worst = Math.max(worst, Math.abs((found[i] as number) - expected) / (Math.abs(minimum) + 16 * Math.abs(scale)));
      }
    }
    expect(moved).toBeGreaterThan(0.01);
    expect(worst).toBeLessThan(2 ** -10);

    const gains = changes.values("output_norm.gains");
    const before = dequantise("F32", await file.readTensor("output_norm.weight"));
    const after = weights.get("output_norm")?.data as Float32Array;
    for (const [i, gain] of before.entries()) expect(after[i]).toBeCloseTo(gain * (1 + (gains?.[i] as number)), 5);
    // The vocabulary's table is as it was. (Matchers compare millions of numbers for minutes.)
    const table = dequantise("Q8_0", await file.readTensor("token_embd.weight"));
    expect(Buffer.compare(bytesOf(weights.get("embedding")?.data as Float32Array), bytesOf(table))).toBe(0);
  }, 300_000);

  it("is what a spec may ask for; it follows two sentences where the plain model does not", async () => {
    const messages: [string, string][] = [
      ["A table for four at eight please", "4"],
      ["we are two, coming around 7", "2"],
      ["Can I book for 6 people tomorrow night?", "6"],
      ["Do you have parking?", "none"],
      ["party of five, outside if possible", "5"],
      ["Is the kitchen open at noon?", "none"],
    ];
    const right = async (interpreter: string) => {
      const text =
        `---\nreturns: string\ninterpreter: ${interpreter}\n---\n` +
        "Takes a message to a restaurant booking bot and returns the number of people the table is for, in digits, " +
        'or "none" if the message does not say.\n\n## Tests\n' +
        messages.map(([input, output]) => `- ${input} => "${output}"\n`).join("");
      const { spec } = parseSpec(text, "size.paw");
      const { program, report } = await compile(spec ?? expect.unreachable(), { effort: "draft", cache: false });
      expect(program.interpreter.id).toBe(interpreter);
      return report.passed;
    };
    const [plain, trained] = [await right("smollm2-135m-instruct"), await right("paw-135m")];
    expect(trained).toBeGreaterThanOrEqual(4);
    expect(trained).toBeGreaterThan(plain + 2);
  }, 300_000);

  it("is refused where the delta's file is another one", async () => {
    const wrong = { ...card, delta: { ...delta, sha256: "0".repeat(64) } };
    await expect(openInterpreter({ card: wrong, gguf, home })).rejects.toMatchObject({ code: "MODEL_DIGEST" });
  });
});
