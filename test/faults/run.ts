import { execFileSync, fork } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { kill } from "./kills.ts";
import type { Kind } from "./kind.ts";
import { Random } from "./random.ts";

/**
 * `npm run faults`: hostile inputs of all kinds, in processes of bounded time and memory, and compiles that are killed at random moments. Prints a
 * table and writes JSON to `bench/results/`; the same seed tries the same cases. `paw` and the background process are
 * taken from `dist`.
 */
const { values } = parseArgs({
  options: {
    kind: { type: "string", multiple: true },
    count: { type: "string" },
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: "faults" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    "npm run faults -- [--kind NAME]... [--count N] [--kills 100] [--seed 1] [--out NAME]   (a kind is a file in test/faults/kinds, or `kills`)",
  );
  process.exit(0);
}

/** Milliseconds of a case, and megabytes of a process that tries them. */
const LIMIT = 10_000;
const MEMORY = 1500;

interface Row {
  kind: string;
  what: string;
  tried: number;
  good: number;
  hung: string[];
  died: string[];
  untyped: string[];
  /** Most memory of a process that tried them, megabytes. */
  memory: number;
  endings: { [name: string]: number };
}

async function tryKind(file: string, kind: Kind, count: number, seed: number): Promise<Row> {
  const row: Row = {
    kind: kind.name,
    what: kind.what,
    tried: 0,
    good: 0,
    hung: [],
    died: [],
    untyped: [],
    memory: 0,
    endings: {},
  };
  const limit = kind.limit ?? LIMIT;
  for (let next = 0; next < count; ) {
    next = await new Promise<number>((resolve) => {
      const child = fork(join(import.meta.dirname, "worker.ts"), [file, `${seed}`, `${next}`, `${count}`], {
        execArgv: ["--conditions=paw-source", "--import", "tsx", `--max-old-space-size=${MEMORY}`],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      let at = next - 1;
      let open = false;
      let timer: NodeJS.Timeout | undefined;
      const look = () => {
        row.memory = Math.max(row.memory, peakOf(child.pid as number));
      };
      child.on("message", (message: { begin?: number; end?: number; ended?: string; wrong?: string }) => {
        clearTimeout(timer);
        if (message.begin !== undefined) {
          [at, open] = [message.begin, true];
          timer = setTimeout(() => {
            row.hung.push(`case ${at}`);
            look();
            child.kill("SIGKILL");
          }, limit);
          return;
        }
        open = false;
        row.tried++;
        row.endings[message.ended as string] = (row.endings[message.ended as string] ?? 0) + 1;
        if (message.wrong) row.untyped.push(`case ${message.end}: ${message.wrong}`);
        else row.good++;
        if (at % 20 === 19 || at === count - 1) look();
      });
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        if (open) row.tried++;
        if (open && row.hung.at(-1) !== `case ${at}`) row.died.push(`case ${at}: code ${code}, ${signal}`);
        if (!open && at < next) row.died.push(`a process that would not start: code ${code}, ${signal}`);
        resolve(at < next ? count : at + 1);
      });
    });
  }
  return row;
}

/** The most memory that a process has had, where the system tells. */
function peakOf(pid: number): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

const seed = Number(values.seed);
const folder = join(import.meta.dirname, "kinds");
const names = readdirSync(folder).map((name) => name.replace(/\.ts$/, ""));
const wanted = values.kind ?? [...names, "kills"];
console.log(`seed ${seed}`);
const rows: Row[] = [];
for (const name of wanted.filter((name) => name !== "kills")) {
  const file = join(folder, `${name}.ts`);
  const { kind } = (await import(file)) as { kind: Kind };
  const count = values.count === undefined ? kind.count : Math.min(Number(values.count), kind.count);
  const start = performance.now();
  const row = await tryKind(file, kind, count, seed);
  rows.push(row);
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${row.kind}: ${row.good} of ${row.tried} as they should, ${seconds} s, at most ${row.memory} MB`);
  for (const [what, list] of [
    ["hung", row.hung],
    ["died", row.died],
    ["untyped", row.untyped],
  ] as const) {
    for (const line of list.slice(0, 10)) console.log(`  ${what}: ${line}`);
  }
}
const kills = wanted.includes("kills") ? await kill(Number(values.kills), new Random(seed), () => {}) : undefined;
if (kills) {
  console.log(
    `kills: ${kills.tried}, ${kills.writing} of them while a program was written, ${kills.done} programs done by then, ${kills.lost.length} lost, ${kills.damaged.length} damaged; the compile after them ${kills.after ? "went well" : "FAILED"}`,
  );
  for (const line of [...kills.lost, ...kills.damaged].slice(0, 10)) console.log(`  ${line}`);
}

const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
const result = {
  date: new Date().toISOString().slice(0, 10),
  commit: git("rev-parse", "--short", "HEAD"),
  machine: `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  seed,
  rows,
  ...(kills && { kills }),
};
const target = join(import.meta.dirname, "../../bench/results");
mkdirSync(target, { recursive: true });
writeFileSync(join(target, `${values.out}.json`), `${JSON.stringify(result, null, 2)}\n`);
const table = [
  "| kind | what is tried | cases | as they should | hung | untyped errors | ended the process | most memory |",
  "| --- | --- | --- | --- | --- | --- | --- | --- |",
  ...rows.map(
    ({ kind, what, tried, good, hung, untyped, died, memory }) =>
      `| ${[kind, what, tried, good, hung.length, untyped.length, died.length, `${memory} MB`].join(" | ")} |`,
  ),
  `| all | | ${sum(({ tried }) => tried)} | ${sum(({ good }) => good)} | ${sum(({ hung }) => hung.length)} | ${sum(({ untyped }) => untyped.length)} | ${sum(({ died }) => died.length)} | |`,
];
console.log(`\n${table.join("\n")}`);
const bad = rows.some((row) => row.good < row.tried || row.died.length > 0 || row.memory > MEMORY);
if (bad || kills?.lost.length || kills?.damaged.length || kills?.after === false) process.exitCode = 1;
