import { parseArgs } from "node:util";
import type { Options } from "./options.ts";

// Where a benchmark loads onnxruntime itself; the runtime sets this where it does.
process.env.ORT_DISABLE_TELEMETRY ??= "1";

/** Benchmarks by name: `npm run bench -- NAME [options]`. Each prints a table and writes JSON to `bench/results/`. */
const benchmarks: Record<
  string,
  { options: string; run: () => Promise<{ default: (options: Options) => Promise<void> }> }
> = {
  quality: {
    options:
      "--suite DIR [--pairs 32] [--tests 200] [--tasks a,b] [--columns a,b] [--prompted-gguf PATH]\n" +
      "    [--teacher DIR] [--interpreter ID] [--resume]\n" +
      "    --columns        default: all; those of a larger model and of a teacher only with --prompted-gguf, --teacher\n" +
      "    --prompted-gguf  a larger model to prompt, to learn from and to write functions\n" +
      "    --teacher        a folder with a teacher's pairs, TASK.jsonl, to compile from\n" +
      "    --interpreter    the id of a card, such as paw-135m; default: the default card\n" +
      "    --resume         skips what bench/results/quality-PAIRS-TESTS[-ID].jsonl already has",
    run: () => import("./quality.ts"),
  },
  synthesis: {
    options: "--suite DIR --gguf PATH [--tests 200] [--tasks a,b]",
    run: () => import("./synthesis.ts"),
  },
  seeds: {
    options: "--suite DIR --tasks a,b,c [--seeds 10] [--pairs 32] [--tests 200]",
    run: () => import("./seeds.ts"),
  },
  agreement: { options: "--suite DIR [--tests 200] [--tasks a,b]", run: () => import("./agreement.ts") },
  architectures: {
    options: "--gguf PATH (Qwen2.5-Coder-1.5B-Instruct Q4_K_M) [--tests 100]",
    run: () => import("./architectures.ts"),
  },
  prefix: { options: "--suite DIR [--tasks a,b]", run: () => import("./prefix.ts") },
  compile: {
    options: "--suite DIR [--pairs 32] [--tasks a,b] [--effort draft,standard]",
    run: () => import("./compile.ts"),
  },
  length: { options: "[--pairs 1] (long examples, of 24)", run: () => import("./length.ts") },
  injection: {
    options: "--suite DIR [--pairs 32] [--tests 40] [--tasks a,b]",
    run: () => import("./injection.ts"),
  },
  targets: { options: "--suite DIR [--tasks a,b] [--tests 50]", run: () => import("./targets.ts") },
  quotes: {
    options: "--suite DIR --corpus DIR [--tests 100] [--interpreter ID]",
    run: () => import("./quotes.ts"),
  },
  order: { options: "--suite DIR [--tasks a,b] [--tests 50]", run: () => import("./order.ts") },
  surface: { options: "--suite DIR [--tasks a,b] [--tests 100]", run: () => import("./surface.ts") },
  map: {
    options: "--suite DIR [--tests 2000] (lines; Linux; runs what `npm run build` made)",
    run: () => import("./map.ts"),
  },
  types: { options: "--suite DIR [--tests 200] (inputs a type)", run: () => import("./types.ts") },
  web: { options: "--suite DIR", run: () => import("./web.ts") },
  call: { options: "", run: () => import("./call.ts") },
  server: { options: "(runs what `npm run build` made)", run: () => import("./server.ts") },
  inline: { options: "[--rounds 5] (runs what `npm run build` made)", run: () => import("./inline.ts") },
  plugin: {
    options: "[--rounds 5] [--bundlers a,b] (runs what `npm run build` made)",
    run: () => import("./plugin.ts"),
  },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: "string" },
    corpus: { type: "string" },
    pairs: { type: "string" },
    tests: { type: "string" },
    tasks: { type: "string" },
    columns: { type: "string" },
    effort: { type: "string" },
    seeds: { type: "string" },
    "prompted-gguf": { type: "string" },
    teacher: { type: "string" },
    interpreter: { type: "string" },
    gguf: { type: "string" },
    resume: { type: "boolean" },
    child: { type: "string" },
    rounds: { type: "string" },
    bundlers: { type: "string" },
  },
});
const benchmark = benchmarks[positionals[0] ?? ""];
if (!benchmark) {
  const lines = Object.entries(benchmarks).map(([name, { options }]) => `  npm run bench -- ${name} ${options}`);
  console.error(`Benchmarks:\n${lines.join("\n")}`);
  process.exit(2);
}
await (await benchmark.run()).default(values);
