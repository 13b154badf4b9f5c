import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { inlined } from "../packages/unplugin-paw/src/hosts/host.ts";
import { generateModule } from "../packages/unplugin-paw/src/modules/codegen.ts";
import type { Options } from "./options.ts";
import { median, printTable, writeResults } from "./report.ts";

/** Bytes of a program of the usual effort. */
const PROGRAM = 1_440_000;
const TEXT = "---\nreturns: [polite, rude]\n---\nSay whether a message is polite or rude.\n";

/**
 * What programs in the code cost a server's start, beside programs in files: the plugin's modules, imported by Node as
 * they are, each time in a process of its own. (What a program says does not matter before its first call: its bytes
 * are random.)
 */
export default async function inlineBench({ rounds = "9" }: Options): Promise<void> {
  const folder = fileURLToPath(new URL("./results/inline/", import.meta.url));
  const script = fileURLToPath(new URL("./inline-import.js", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const cases = [1, 20].flatMap((size) => [false, true].map((inline) => ({ size, inline })));
  const results = cases.map(({ size, inline }) => {
    const names = Array.from({ length: size }, (_, i) => `${inline ? "code" : "file"}-${i}.mjs`);
    for (const name of names) writeFileSync(join(folder, name), module(inline));
    const entry = join(folder, `${inline ? "code" : "file"}s-${size}.mjs`);
    writeFileSync(entry, names.map((name) => `import "./${name}";\n`).join(""));
    const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    return { size, inline, entry, code: bytes / 1e6, runs: [] as { milliseconds: number; megabytes: number }[] };
  });
  // In turn, so that a busy machine is so to all; round 0 brings files into memory.
  for (let round = 0; round <= Number(rounds); round++) {
    for (const { entry, runs } of results) {
      const run = JSON.parse(execFileSync(process.execPath, [script, entry], { encoding: "utf8", env: { PATH: "" } }));
      if (round > 0) runs.push(run);
    }
  }
  rmSync(folder, { recursive: true });
  const text = randomBytes(PROGRAM).toString("base64");
  const decoding = Array.from({ length: 20 }, () => {
    const start = performance.now();
    Buffer.from(text, "base64");
    return performance.now() - start;
  });
  printTable(
    ["programs", "where", "code, MB", "import, CPU ms", "its memory, MB"],
    results.map(({ size, inline, code, runs }) => [
      size,
      inline ? "in the code" : "in files",
      code.toFixed(2),
      median(runs.map((run) => run.milliseconds)).toFixed(1),
      median(runs.map((run) => run.megabytes)).toFixed(1),
    ]),
  );
  console.log(`\nThe first call of a program in the code decodes it: ${median(decoding).toFixed(1)} ms.`);
  writeResults("inline", { rounds: Number(rounds), results: results.map(({ entry: _, ...rest }) => rest), decoding });
}

function module(inline: boolean): string {
  const spec = parseSpec(TEXT, "tone.paw").spec as Spec;
  const interpreter = { id: "smollm2-135m-instruct", digest: "00" };
  const meta = { name: spec.name, interpreter, contract: spec.contract, tests: null };
  const weights = inline ? inlined(randomBytes(PROGRAM)) : 'new URL("./tone.weights", import.meta.url)';
  return generateModule(spec, TEXT, { meta, weights }).code;
}
