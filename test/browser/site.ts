import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openInterpreter } from "@unplugin-paw/interpreter";
import { interpreterAssets } from "@unplugin-paw/interpreter/assets";
import type { ProgramMeta } from "@unplugin-paw/runtime";
import { type InterpreterAssets, runtimeAssets } from "@unplugin-paw/runtime/assets";

/**
 * What goes wrong with a file: the server says so, or sends other bytes, or the connection breaks so many times, or it
 * takes long.
 */
export type Fault = "missing" | "unwell" | "page" | "truncated" | "altered" | "slow" | { cut: number };

export interface TestProgram {
  meta: ProgramMeta;
  weights: Uint8Array;
}

/** A site with programs, their interpreter and the built runtime; what it does wrong can be changed while it runs. */
export interface Site {
  origin: string;
  /** What the page is told: `program(weights, meta, interpreter)` for each. */
  interpreter: InterpreterAssets;
  /** By path. */
  faults: Map<string, Fault>;
  /** Paths that were asked for. */
  requested: string[];
  /** Paths whose connection the browser closed before the end. */
  abandoned: string[];
  close(): Promise<void>;
}

export interface SiteOptions {
  /** COOP and COEP on all answers. */
  isolated?: boolean;
  /** Content-Security-Policy of all answers. */
  policy?: string;
  /** Where the assets lie instead: a site of another origin. */
  assets?: Site;
}

const dist = (name: string) => fileURLToPath(new URL(`../../packages/runtime/dist/${name}`, import.meta.url));
/** The page: it does nothing before a test asks. */
const page = '<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="/page.js"></script>';
const script = 'import * as runtime from "/browser.js"; globalThis.runtime = runtime;';
/** A worker of the page's own, that calls a function. */
const ownWorker = `import { program } from "/browser.js";
onmessage = async ({ data: { weights, meta, interpreter, input } }) => postMessage(await program(weights, meta, interpreter)(input));`;

export async function openSite(programs: Record<string, TestProgram>, options: SiteOptions = {}): Promise<Site> {
  const { manifest, files } = await interpreterAssets(await openInterpreter());
  const { worker, wasm } = runtimeAssets();
  const paths = new Map<string, string>([
    ["/browser.js", dist("browser.js")],
    ["/worker.js", worker],
    ["/ort.wasm", wasm],
    ["/run.onnx", files.model],
    ["/tokenizer.json", files.tokenizer],
    ...files.parts.map((path, i): [string, string] => [`/run.${i + 1}.data`, path]),
  ]);
  const bodies = new Map<string, Uint8Array | string>([
    ["/", page],
    ["/page.js", script],
    ["/own-worker.js", ownWorker],
    ...Object.entries(programs).map(([name, { weights }]): [string, Uint8Array] => [`/${name}.weights`, weights]),
  ]);
  const faults: Site["faults"] = new Map();
  const requested: string[] = [];
  const abandoned: string[] = [];

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://any").pathname;
    if (path === "/favicon.ico") return void response.writeHead(204).end();
    requested.push(path);
    response.on("close", () => {
      if (!response.writableFinished) abandoned.push(path);
    });
    const file = paths.get(path);
    const body = file ? await readFile(file) : bodies.get(path);
    response.setHeader("content-type", typeOf(path));
    response.setHeader("cache-control", "no-store");
    if (options.isolated) {
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
    }
    if (options.policy) response.setHeader("content-security-policy", options.policy);
    // What a CDN sends.
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("cross-origin-resource-policy", "cross-origin");
    await send(response, body === undefined ? undefined : Buffer.from(body), faults, path);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = (path: string) => (options.assets ? options.assets.origin + path : path);
  return {
    origin,
    interpreter: {
      manifest,
      worker: at("/worker.js"),
      wasm: at("/ort.wasm"),
      model: at("/run.onnx"),
      parts: files.parts.map((_, i) => at(`/run.${i + 1}.data`)),
      tokenizer: at("/tokenizer.json"),
    },
    faults,
    requested,
    abandoned,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function typeOf(path: string): string {
  if (path === "/") return "text/html";
  if (path.endsWith(".js")) return "text/javascript";
  return path.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
}

async function send(
  response: ServerResponse,
  body: Buffer | undefined,
  faults: Site["faults"],
  path: string,
): Promise<void> {
  const fault = faults.get(path);
  if (!body || fault === "missing") return void response.writeHead(404).end();
  if (fault === "unwell") return void response.writeHead(503).end();
  if (fault === "page") return void response.setHeader("content-type", "text/html; charset=utf-8").end(page);
  if (fault === "truncated") return void response.end(body.subarray(0, body.length / 2));
  if (fault === "altered") {
    const altered = Buffer.from(body);
    altered[altered.length >> 1] = (altered[altered.length >> 1] as number) ^ 1;
    return void response.end(altered);
  }
  response.setHeader("content-length", body.length);
  if (typeof fault === "object" && fault.cut > 0) {
    fault.cut--;
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
    return;
  }
  if (fault === "slow") {
    for (let at = 0; at < body.length && !response.destroyed; at += 1 << 20) {
      response.write(body.subarray(at, at + (1 << 20)));
      await sleep(100);
    }
  }
  if (!response.destroyed) response.end(fault === "slow" ? undefined : body);
}
