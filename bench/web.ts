import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { compile, programMeta } from "@unplugin-paw/compiler";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { openPage } from "../test/browser/page.ts";
import { openSite } from "../test/browser/site.ts";
import { oracleFile } from "../test/oracle.ts";
import { launch } from "../test/web/browser.ts";
import type { Options } from "./options.ts";
import { median, printTable, writeResults } from "./report.ts";
import { readSuite, score, type Task, taskSpec } from "./suite.ts";

const taskName = "product-review-sentiment";
const rounds = 21;
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "cross-origin",
};

interface Measured {
  who: string;
  /** Seconds from an empty profile, and from a second visit, until the first answer is there. */
  cold: number;
  warm: number;
  /** Milliseconds of a call after that, its prompt being cached. */
  call: number;
  right: number;
  megabytes: number;
  /** Of all the browser's processes, the most while it ran, over an empty page. */
  peakMegabytes: number;
}

/**
 * The same task, GGUF and inputs in one chromium: a compiled program, and wllama with a 4-shot prompt that it keeps.
 */
export default async function webBench({ suite }: Options): Promise<void> {
  if (!suite) throw new Error("web needs --suite DIR, a folder with tasks/*.json");
  const [whole] = readSuite(suite, [taskName]) as [Task];
  const task = { ...whole, train: whole.train.slice(0, 32), test: whole.test.slice(0, rounds) };
  const chromium = await launch();
  const rows: Measured[] = [];
  for (const threads of ["one thread", "threads"] as const) {
    const isolated = threads === "threads";
    rows.push(await measure(`unplugin-paw, ${threads}`, chromium, task, await ours(task, isolated)));
    rows.push(await measure(`wllama, ${threads}`, chromium, task, await wllama(task, isolated)));
  }
  await chromium.close();
  printTable(
    ["", "cold s", "cached s", "call ms", "right", "loaded MB", "peak MB"],
    rows.map(({ who, cold, warm, call, right, megabytes, peakMegabytes }) => [
      who,
      cold.toFixed(1),
      warm.toFixed(1),
      call.toFixed(0),
      `${right} of ${task.test.length}`,
      megabytes.toFixed(0),
      peakMegabytes.toFixed(0),
    ]),
  );
  writeResults("web", { task: taskName, rows });
  process.exit(0);
}

/** What is measured: how a page is opened, and how it answers. */
interface Contender {
  open(context: BrowserContext): Promise<{ page: Page; answer(input: string): Promise<string> }>;
  bytes(): number;
  close(): Promise<void>;
}

async function measure(who: string, chromium: Browser, task: Task, contender: Contender): Promise<Measured> {
  const context = await chromium.newContext();
  const first = task.test[0]?.input as string;
  const visit = async () => {
    const start = performance.now();
    const opened = await contender.open(context);
    await opened.answer(first);
    return { ...opened, seconds: (performance.now() - start) / 1000 };
  };
  const empty = await residentMegabytes(chromium);
  const cold = await visit();
  let peakMegabytes = await residentMegabytes(chromium);
  const loaded = contender.bytes();
  const times: number[] = [];
  let right = 0;
  for (const { input, output } of task.test) {
    const start = performance.now();
    const text = await cold.answer(input);
    times.push(performance.now() - start);
    right += score(task, text, output);
    peakMegabytes = Math.max(peakMegabytes, await residentMegabytes(chromium));
  }
  await cold.page.close();
  const warm = await visit();
  await context.close();
  await contender.close();
  const row = {
    who,
    cold: cold.seconds,
    warm: warm.seconds,
    call: median(times),
    right,
    megabytes: loaded / 1e6,
    peakMegabytes: peakMegabytes - empty,
  };
  console.error(JSON.stringify(row));
  return row;
}

async function ours(task: Task, isolated: boolean): Promise<Contender> {
  const { program, weights } = await compile(taskSpec(task));
  const programs = { task: { meta: programMeta(program), weights } };
  const site = await openSite(programs, { isolated });
  const { worker, wasm } = site.interpreter;
  const { files } = site.interpreter.manifest;
  const sent = [files.model, files.tokenizer, ...files.parts].reduce((sum, { bytes }) => sum + bytes, weights.length);
  const others = await Promise.all([worker, wasm].map(async (url) => (await fetch(new URL(url, site.origin))).blob()));
  return {
    async open(context) {
      const { page, call } = await openPage(context, site, programs);
      return { page, answer: (input) => call<string>("task", "call", input) };
    },
    bytes: () => others.reduce((sum, { size }) => sum + size, sent),
    close: site.close,
  };
}

/** wllama's page: its own module and WebAssembly, and the GGUF, from a server as near as ours. */
async function wllama(task: Task, isolated: boolean): Promise<Contender> {
  const folder = (path: string) =>
    fileURLToPath(new URL(`../node_modules/@wllama/wllama/esm/${path}`, import.meta.url));
  const files: Record<string, string> = {
    "/wllama.js": folder("index.js"),
    "/wllama.wasm": folder("wasm/wllama.wasm"),
    "/model.gguf": await oracleFile(),
  };
  let bytes = 0;
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] as string;
    const file = files[path];
    const type = path.endsWith(".js") ? "text/javascript" : path.endsWith(".wasm") ? "application/wasm" : "text/html";
    const headers = { "content-type": type, ...(isolated && isolation) };
    if (!file) return void response.writeHead(path === "/" ? 200 : 404, headers).end("<!doctype html>");
    const { size } = statSync(file);
    bytes += request.method === "HEAD" ? 0 : size;
    response.writeHead(200, { ...headers, "content-length": size });
    if (request.method === "HEAD") return void response.end();
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async open(context) {
      const page = await context.newPage();
      await page.goto(origin);
      await page.evaluate(openWllama, { threads: isolated ? 2 : 1 });
      return { page, answer: (input) => page.evaluate(askWllama, promptOf(task, input)) };
    },
    bytes: () => bytes,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Four examples as turns of the model's chat template. */
function promptOf({ spec, train }: Task, input: string): string {
  const turn = (role: string, text: string) => `<|im_start|>${role}\n${text}<|im_end|>\n`;
  const shots = train.slice(0, 4).map((pair) => turn("user", pair.input) + turn("assistant", pair.output));
  return `${turn("system", spec)}${shots.join("")}${turn("user", input)}<|im_start|>assistant\n`;
}

// The two below run in the page.
async function openWllama({ threads }: { threads: number }): Promise<void> {
  const url = "/wllama.js";
  const { Wllama } = await import(url);
  const instance = new Wllama({ default: "/wllama.wasm" }, { suppressNativeLog: true });
  const model = new URL("/model.gguf", location.href).href;
  await instance.loadModelFromUrl(model, { n_threads: threads, n_ctx: 2048, n_gpu_layers: 0 });
  Object.assign(globalThis, { instance });
}

async function askWllama(prompt: string): Promise<string> {
  // biome-ignore lint/suspicious/noExplicitAny: put there by openWllama
  const { instance } = globalThis as any;
  const options = { prompt, max_tokens: 8, temperature: 0, cache_prompt: true };
  const { choices } = await instance.createCompletion(options);
  return choices[0].text.trim();
}

/** Memory of all the browser's processes. */
async function residentMegabytes(chromium: Browser): Promise<number> {
  const session = await chromium.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  let bytes = 0;
  for (const { id } of processInfo) {
    try {
      bytes += Number(readFileSync(`/proc/${id}/statm`, "utf8").split(" ")[1]) * 4096;
    } catch {
      // It has ended.
    }
  }
  return bytes / 1e6;
}
