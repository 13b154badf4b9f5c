import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CompileProgress, compileInBackground, findProgram } from "./index.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "paw-background-"));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

function spec(examples: string, accuracy = ""): Spec {
  const text = `---\n${accuracy}returns: [good, bad]\n---\nIs the mood good or bad?\n\n## Examples\n${examples}\n## Tests\n- A lovely day => bad\n- A nice day => good\n`;
  return parseSpec(text, "mood.paw").spec as Spec;
}
const one = "- I am happy => good\n";
const two = `${one}- I feel sick => bad\n`;

/** In a process of its own, from `dist`. */
describe("a compile in the background", () => {
  it("tells how far it is and leaves the program in the cache, whatever its tests score", async () => {
    const source = spec(one, "accuracy: 1\n");
    const options = { cache, effort: "standard" } as const;
    expect(await findProgram(source, options)).toBeUndefined();
    const progress: CompileProgress[] = [];
    const compiled = await compileInBackground(source, { ...options, onProgress: (event) => progress.push(event) });
    expect(compiled).toMatchObject({ cached: false, report: { cases: { length: 2 } } });
    expect(compiled.seconds).toBeGreaterThan(0);
    expect(compiled.report.passed).toBeLessThan(2);
    expect(progress.map(({ stage }) => stage)).toContain("tests");
    const found = await findProgram(source, options);
    expect(Buffer.compare(found?.weights as Uint8Array, compiled.weights)).toBe(0);
    expect(await findProgram(source, { ...options, effort: "draft" })).toBeUndefined();
  });

  it("ends when it is cancelled, and leaves nothing", async () => {
    const abort = new AbortController();
    const compiling = compileInBackground(spec(two), {
      cache,
      signal: abort.signal,
      onProgress: ({ stage }) => stage === "search" && abort.abort(new Error("enough")),
    });
    await expect(compiling).rejects.toThrow("enough");
    expect(readdirSync(cache)).toEqual([]);
    const never = compileInBackground(spec(two), { cache, signal: abort.signal });
    await expect(never).rejects.toThrow("enough");
  });

  it("fails with the message and the hint of what went wrong there", async () => {
    const gguf = join(cache, "nowhere.gguf");
    const failing = compileInBackground(spec(one), { cache, gguf });
    await expect(failing).rejects.toMatchObject({
      message: expect.stringContaining("nowhere.gguf"),
      hint: expect.stringContaining("path"),
    });
    expect(existsSync(gguf)).toBe(false);
  });
});
