import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "./options.ts";
import { app, entryOf, prepareApp, programs, sizes, type Variant, variants } from "./plugin-app.ts";
import { mean, median, printTable, writeResults } from "./report.ts";

const bundlers = ["vite-client", "vite-server", "rollup", "rolldown", "webpack", "rspack", "esbuild"];

/** What one build took: `cpu` is that of all its threads. */
interface Run {
  bundler: string;
  variant: Variant;
  size: number;
  milliseconds: number;
  cpu: number;
  megabytes: number;
}

/**
 * What the plugin costs a build whose programs are all in the cache: time and peak memory of an app with some specs,
 * beside the same app with plain modules, and with modules that name the programs' files without the plugin. Each build
 * has a process of its own: that is what users wait for, nothing is warm that is not warm for them, and a peak of
 * memory is one of a process.
 */
export default async function pluginBench({ rounds = "5", bundlers: chosen }: Options): Promise<void> {
  await prepareApp();
  const all = chosen?.split(",") ?? bundlers;
  const unknown = all.find((one) => !bundlers.includes(one));
  if (unknown !== undefined) throw new Error(`no bundler ${unknown}; there are ${bundlers.join(", ")}`);
  const runs: Run[] = [];
  for (let round = 0; round <= Number(rounds); round++) {
    for (const bundler of all) {
      for (const size of sizes) {
        // Round 0 brings files into memory. In turn, so that a busy machine is so to all.
        for (const variant of variants) {
          const run = { bundler, variant, size, ...build(bundler, variant, size) };
          if (round > 0) runs.push(run);
        }
      }
    }
    console.error(`round ${round} of ${rounds}`);
  }

  const of = (bundler: string, variant: Variant, size: number, field: "milliseconds" | "megabytes") =>
    median(
      runs
        .filter((run) => run.bundler === bundler && run.variant === variant && run.size === size)
        .map((run) => run[field]),
    );
  const [one, , many] = sizes;
  const table = (field: "milliseconds" | "megabytes", unit: string, digits: number) => {
    const head = sizes.flatMap((size) => [`${size} modules`, `${size} specs`]);
    printTable(
      [unit, ...head, "the first spec", "a further spec", "its file alone", "the plugin's part"],
      all.map((bundler) => {
        const cells = sizes.flatMap((size) => [of(bundler, "modules", size, field), of(bundler, "specs", size, field)]);
        const first = of(bundler, "specs", one, field) - of(bundler, "modules", one, field);
        const grown = (variant: Variant) => of(bundler, variant, many, field) - of(bundler, variant, one, field);
        const each = (variant: Variant) => (grown(variant) - grown("modules")) / (many - one);
        const parts = [each("specs"), each("files"), each("specs") - each("files")];
        return [
          bundler,
          ...[...cells, first].map((cell) => cell.toFixed(0)),
          ...parts.map((part) => part.toFixed(digits)),
        ];
      }),
    );
    console.log("");
  };
  table("milliseconds", "ms", 1);
  table("megabytes", "peak MB", 1);
  const megabytes = mean(programSizes()) / 1e6;
  console.log(`A program has ${megabytes.toFixed(2)} MB on the mean.`);
  writeResults("plugin", { rounds: Number(rounds), megabytes, runs });
}

function build(bundler: string, variant: Variant, size: number): Pick<Run, "milliseconds" | "cpu" | "megabytes"> {
  const script = fileURLToPath(new URL("./plugin-build.js", import.meta.url));
  const out = mkdtempSync(join(tmpdir(), "paw-bench-"));
  const { NODE_OPTIONS: _, PAW_REMOTE: __, ...env } = process.env;
  try {
    const args = [script, bundler, variant, entryOf(variant, size), out, programs];
    const run = JSON.parse(
      execFileSync(process.execPath, args, { cwd: app, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
    );
    const emitted = readdirSync(out, { recursive: true }).filter((file) => String(file).endsWith(".weights")).length;
    const wanted = variant === "modules" ? 0 : size;
    if (emitted !== wanted) throw new Error(`${bundler}, ${variant}: ${emitted} programs were emitted, not ${wanted}`);
    return run;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function programSizes(): number[] {
  const files = (readdirSync(programs, { recursive: true }) as string[]).filter((file) => file.endsWith(".weights"));
  return files.map((file) => statSync(join(programs, file)).size);
}
