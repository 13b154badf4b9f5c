import { findCard, identifyInterpreter } from "@unplugin-paw/interpreter";
import { type Contract, encodeProgram, type Program } from "@unplugin-paw/program";
import { expect, it } from "vitest";
import { calibrate } from "./decode/index.ts";
import { type PawFunction, program } from "./index.ts";

const contract: Contract = { input: { kind: "string" }, output: { kind: "string" } };

/** A program that says it is the interpreter's, with keys and values of these sizes. */
async function ofSizes(sizes: Partial<Program["prefix"]>, answerTokens = 8): Promise<PawFunction<string, string>> {
  const { id, digest } = await identifyInterpreter();
  const all = { layers: 30, heads: 3, tokens: 4, headSize: 64, ...sizes };
  const length = all.layers * all.heads * all.tokens * all.headSize;
  const bytes = encodeProgram({
    name: "test",
    interpreter: { id, digest },
    spec: { digest: "0" },
    compiler: { version: "0", effort: "test", seed: 0 },
    contract,
    pseudoProgram: "",
    prefix: { ...all, keys: new Float32Array(length), values: new Float32Array(length).fill(0.01) },
    calibration: { temperature: 1 },
    answerTokens,
    scores: { stages: [], tests: null },
    licence: findCard().licence,
  });
  return program(bytes, { name: "test", interpreter: { id, digest }, contract, tests: null }) as never;
}

it.each<[string, Partial<Program["prefix"]>, RegExp]>([
  ["too few layers", { layers: 29 }, /has 29 layers, its interpreter 30/],
  ["too many layers", { layers: 31 }, /has 31 layers, its interpreter 30/],
  ["other heads", { heads: 9 }, /has 9 key-value heads, its interpreter 3/],
  ["other sizes of heads", { headSize: 32 }, /has 32 numbers a head, its interpreter 64/],
  ["more tokens than the context", { layers: 30, heads: 3, tokens: 8189, headSize: 64 }, /leaves no room for an input/],
])("a program with %s than its interpreter is refused", async (_, sizes, message) => {
  // (An i8 prefix of 8,189 tokens is 94 MB, which no file may have: the room is taken by the answer instead.)
  const call = sizes.tokens ? ofSizes({ tokens: 4200 }, 4096) : ofSizes(sizes);
  await expect((await call)("Hello")).rejects.toMatchObject({
    name: "ProgramError",
    code: "interpreter",
    message: expect.stringMatching(message),
  });
  // The next one has nothing of it.
  expect(typeof (await (await ofSizes({}, 64))("Hello").catch((error) => error.raw))).toBe("string");
});

it("probabilities sum to 1, whatever the calibration", () => {
  for (const temperature of [1e-320, 1e-3, 1, 1e3, 1e300]) {
    for (const bias of [undefined, [0, 0, 0], [1e300, 1e300, -1e300], [-1e308, -1e308, -1e308], [700, 710, -800]]) {
      const probabilities = calibrate([-5, -6, -5], { temperature, ...(bias && { bias }) });
      expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    }
  }
});
