import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promptTokens } from "@unplugin-paw/compiler/internals";
import { encodeProgram } from "@unplugin-paw/program";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Options } from "./options.ts";
import { median, printTable, writeResults } from "./report.ts";

const clients = 50;
/** How long the clients ask, seconds. */
const period = 8;
/** Short inputs, one after the other, to compare. */
const shorts = 10;

const reviews = [
  "Great, another charger that gets hot enough to fry an egg on it, and of course the shop says that this is quite normal for it.",
  "Exactly what I hoped for, and it arrived a day early; my sister has ordered one for herself and one for her neighbour since.",
  "It does the job, nothing more and nothing less, and I will have forgotten by next week that I ever bought it, which is fine.",
];
const long = "It came in a box with a cable and a booklet, and I was not sure what to make of it. "
  .repeat(120)
  .slice(0, 10_000);

interface Row {
  mode: string;
  /** Requests a second with all clients. */
  requests: number;
  /** Milliseconds until an answer, with all clients. */
  p50: number;
  p95: number;
  /** The longest block of the server's event loop, milliseconds: with all clients, and beside the long input. */
  block: number;
  blockLong: number;
  megabytes: number;
  /** Milliseconds for a short input, of one client: alone, and beside a long one. */
  alone: number;
  beside: number;
  besideWorst: number;
  /** Seconds for the long input: alone, and beside the short ones. */
  longAlone: number;
  longBeside: number;
}

/** An HTTP server under load: the model on its own thread, as it was, beside one and two workers. */
export default async function server(_: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "paw-bench-"));
  const file = join(folder, "sentiment.weights");
  writeFileSync(file, await makeProgram());
  const rows: Row[] = [];
  for (const mode of ["in-process", "1", "2"]) {
    const child = fork(fileURLToPath(new URL("./server-app.js", import.meta.url)), [mode, file], { execArgv: [] });
    try {
      rows.push(await measure(mode === "in-process" ? "in process" : `workers: ${mode}`, child));
      console.error(JSON.stringify(rows.at(-1)));
    } finally {
      child.disconnect();
      if (child.exitCode === null) await once(child, "exit");
    }
  }
  rmSync(folder, { recursive: true });
  const whole = (value: number) => value.toFixed(0);
  printTable(
    ["", "requests/s", "p50 ms", "p95 ms", "longest block ms", "MB"],
    rows.map((row) => [
      row.mode,
      row.requests.toFixed(1),
      whole(row.p50),
      whole(row.p95),
      row.block.toFixed(1),
      whole(row.megabytes),
    ]),
  );
  console.log("");
  printTable(
    ["", "short ms", "beside a long one", "worst", "long s", "beside short ones", "longest block ms"],
    rows.map((row) => [
      row.mode,
      whole(row.alone),
      whole(row.beside),
      whole(row.besideWorst),
      row.longAlone.toFixed(1),
      row.longBeside.toFixed(1),
      row.blockLong.toFixed(1),
    ]),
  );
  writeResults("server", { clients, period, rows });
  process.exit(0);
}

async function measure(mode: string, child: ChildProcess): Promise<Row> {
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const url = `http://127.0.0.1:${port}`;
  const stats = async () => (await (await fetch(`${url}/stats`)).json()) as { longest: number; megabytes: number };
  /** Asks, and gives the milliseconds. */
  const ask = async (body: string) => {
    const start = performance.now();
    const response = await fetch(url, { method: "POST", body });
    const label = await response.text();
    if (!response.ok) throw new Error(label);
    return performance.now() - start;
  };
  let next = 0;
  const review = () => `${reviews[next++ % reviews.length]} (${next})`;

  for (let i = 0; i < 3; i++) await ask(review());
  await stats();
  const times: number[] = [];
  const start = performance.now();
  const end = start + 1000 * period;
  const client = async () => {
    while (performance.now() < end) times.push(await ask(review()));
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - start) / 1000;
  const loaded = await stats();

  const alone: number[] = [];
  for (let i = 0; i < shorts; i++) alone.push(await ask(review()));
  const longAlone = (await ask(long)) / 1000;
  await stats();
  const beside: number[] = [];
  let answered = false;
  const longBeside = ask(long).finally(() => {
    answered = true;
  });
  while (!answered) beside.push(await ask(review()));
  const seen = await stats();
  times.sort((a, b) => a - b);
  return {
    mode,
    requests: times.length / seconds,
    p50: median(times),
    p95: times[Math.floor(times.length * 0.95)] as number,
    block: loaded.longest,
    blockLong: seen.longest,
    megabytes: loaded.megabytes,
    alone: median(alone),
    beside: median(beside),
    besideWorst: Math.max(...beside),
    longAlone,
    longBeside: (await longBeside) / 1000,
  };
}

/** Closed labels behind a prompt of the usual length. */
async function makeProgram(): Promise<Uint8Array> {
  const { interpreter, session } = await sharedEngine();
  const shots = [
    ["The zipper broke on the second day and the shop never answered my messages.", "negative"],
    ["Exactly what I hoped for, and it arrived a day early.", "positive"],
    ["It does the job, nothing more and nothing less.", "neutral"],
    ["My kids fight over who gets to use it first. Worth every cent.", "positive"],
    ["The manual is for another model and the battery lasts an hour.", "negative"],
    ["Comes in a brown box with a cable.", "neutral"],
  ].map(([input, output]) => ({ input: input as string, output: output as string }));
  const instructions = "Decide whether a product review is positive, negative or neutral.";
  const labels = ["positive", "negative", "neutral"];
  return encodeProgram({
    ...{
      name: "sentiment",
      interpreter: { id: interpreter.id, digest: interpreter.digest },
      spec: { digest: "bench" },
    },
    ...{ compiler: { version: "bench", effort: "bench", seed: 0 }, pseudoProgram: "", licence: "Apache-2.0" },
    contract: { input: { kind: "string" }, output: { kind: "labels", labels } },
    prefix: await session.prefill(promptTokens(interpreter, { instructions, shots })),
    calibration: { temperature: 1 },
    answerTokens: 8,
    scores: { stages: [], tests: null },
  });
}
