import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";
import { app, entryOf, prepareApp, programs } from "./plugin-app.ts";
import { median, printTable, writeResults } from "./report.ts";
import type { Options } from "./run.ts";

interface Run {
  imported: number;
  megabytes: number;
  load?: number;
}

/** What programs in the code cost a server's start, beside programs in files: an app with 1 and with 20, each import in a process of its own. */
export default async function inlineBench({ rounds = "5" }: Options): Promise<void> {
  await prepareApp(20);
  // As the plugin is published, whatever conditions this process has.
  const { default: paw } = await import(pathToFileURL(join(app, "../../../packages/unplugin-paw/dist/vite.js")).href);
  const script = fileURLToPath(new URL("./inline-import.js", import.meta.url));
  const cases = [1, 20].flatMap((size) => [false, true].map((inline) => ({ size: size as 1 | 20, inline })));
  const rows: Record<string, unknown>[] = [];
  for (const { size, inline } of cases) {
    const out = mkdtempSync(join(app, "out-"));
    const plugins = [paw({ cache: programs, effort: "draft", inline })];
    await build({
      root: app,
      configFile: false,
      logLevel: "silent",
      plugins,
      build: { ssr: entryOf("specs", size), outDir: out },
    });
    const [code = ""] = readdirSync(out).filter((file) => file.endsWith(".js"));
    const runs: Run[] = [];
    // Round 0 brings files into memory.
    for (let round = 0; round <= Number(rounds); round++) {
      const { NODE_OPTIONS: _, ...env } = process.env;
      const run = JSON.parse(execFileSync(process.execPath, [script, join(out, code)], { env, encoding: "utf8" }));
      if (round > 0) runs.push(run);
    }
    rows.push({ size, inline, code: statSync(join(out, code)).size / 1e6, runs });
    rmSync(out, { recursive: true });
  }
  const of = (runs: Run[], field: keyof Run) => {
    const values = runs.flatMap((run) => run[field] ?? []);
    return values.length === 0 ? "–" : median(values).toFixed(1);
  };
  printTable(
    ["programs", "where", "code, MB", "import, ms", "memory of it, MB", "a further program's load, ms"],
    rows.map(({ size, inline, code, runs }) => {
      const figures = (["imported", "megabytes", "load"] as const).map((field) => of(runs as Run[], field));
      return [size as number, inline ? "in the code" : "in files", (code as number).toFixed(2), ...figures];
    }),
  );
  writeResults("inline", { rounds: Number(rounds), rows });
}
