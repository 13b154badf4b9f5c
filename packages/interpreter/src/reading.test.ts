import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDataFile } from "./data-file.ts";
import { float16Table } from "./dequantise.ts";
import { readFloatWeights } from "./float-weights.ts";
import { type Interpreter, openInterpreter } from "./open.ts";
import { readingWeights } from "./reading.ts";
import { placedBlocks } from "./weights.ts";

let folder: string;
let interpreter: Interpreter;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reading-"));
  interpreter = await openInterpreter();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** (To compare millions of numbers by themselves takes gigabytes.) */
const isSame = (a: Float32Array | undefined, b: Float32Array) =>
  a !== undefined && Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

describe("weights to read with", () => {
  it("are the interpreter's own, moved by the delta, and nothing else", async () => {
    const { places } = interpreter;
    const before = await readFloatWeights(interpreter);
    const { rows, columns, scales } = placedBlocks(places, "3.down") as NonNullable<ReturnType<typeof placedBlocks>>;
    const blocks = (rows * columns) / 32;
    const values: Record<string, Float32Array> = {
      // The first block is flat, at its middle; all others are a quarter of their scale higher.
      "3.down.scales": Float32Array.from({ length: blocks }, (_, i) => (i === 0 ? -1 : 0)),
      "3.down.offsets": Float32Array.from({ length: blocks }, (_, i) => (i === 0 ? 0 : 0.25)),
      "output_norm.gains": new Float32Array(interpreter.config.width).fill(0.5),
    };
    const { path, data } = await readingWeights(interpreter, { gguf: "", values: (name) => values[name] });
    expect(path).toBe("run.data");
    const file = join(folder, path);
    await writeFile(file, data);
    const after = await readFloatWeights({ data: file, places });

    for (const [name, { data }] of before) {
      if (name !== "3.down" && name !== "output_norm") expect(isSame(after.get(name)?.data, data), name).toBe(true);
    }
    const gains = (weights: typeof before) => [...(weights.get("output_norm")?.data ?? [])];
    expect(gains(after)).toEqual(gains(before).map((gain) => Math.fround(gain * 1.5)));

    const half = float16Table();
    const scale = (await readDataFile(interpreter.data)).view(scales, Uint16Array);
    const [old, now] = [before, after].map((weights) => weights.get("3.down")?.data as Float32Array) as [
      Float32Array,
      Float32Array,
    ];
    expect(new Set(now.subarray(0, 32)).size).toBe(1);
    const [lowest, highest] = [Math.min(...old.subarray(0, 32)), Math.max(...old.subarray(0, 32))];
    expect(now[0]).toBeGreaterThan(lowest);
    expect(now[0]).toBeLessThan(highest);
    // float16 of the minimum: 11 bits.
    for (let i = 32; i < 32 * 200; i++) {
      const step = half[scale[Math.floor(i / 32)] as number] as number;
      expect(Math.abs((now[i] as number) - (old[i] as number) - step / 4)).toBeLessThan(16 * step * 2 ** -10);
    }
  });
});
