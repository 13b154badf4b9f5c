import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname } from "node:path";
import { pipeline } from "node:stream";
import type { Connect, ResolvedConfig } from "vite";
import type { Asset } from "../host.ts";

/** Files that a dev server gives to browsers as they are. */
export interface DevAssets {
  /** The URL of a file, which is served from now on. */
  url(asset: Asset, config: ResolvedConfig): Promise<string>;
  middleware(config: ResolvedConfig): Connect.NextHandleFunction;
}

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * Vite's own dev URLs do not serve here: `/@fs/` refuses files outside the workspace (the interpreter lies in the
 * user's cache folder), and would rewrite the worker's script. These URLs name exactly the files that generated code
 * names, and never change their content.
 */
export function devAssets(): DevAssets {
  const served = new Map<string, Asset>();
  return {
    async url(asset, { base, server }) {
      const key = `/@paw/${await identity(asset)}/${asset.name}`;
      served.set(key, asset);
      return `${server.origin ?? ""}${base.replace(/\/$/, "")}${key}`;
    },
    middleware: (config) => (request, response, next) => {
      const path = request.url?.match(/\/@paw\/[^?#]*/)?.[0];
      const asset = path === undefined ? undefined : served.get(path);
      if (!asset || (request.method !== "GET" && request.method !== "HEAD")) return next();
      send(asset, request.method === "HEAD", response, config).catch(next);
    },
  };
}

/** Changes with the content. */
async function identity({ source }: Asset): Promise<string> {
  const hash = createHash("sha256");
  if (typeof source !== "string") return hash.update(source).digest("hex").slice(0, 12);
  const { size, mtimeMs } = await stat(source);
  return hash.update(`${source} ${size} ${mtimeMs}`).digest("hex").slice(0, 12);
}

async function send(
  { name, source }: Asset,
  headOnly: boolean,
  response: ServerResponse,
  { server }: ResolvedConfig,
): Promise<void> {
  const length = typeof source === "string" ? (await stat(source)).size : source.length;
  // What the user set for all responses, such as the headers of cross-origin isolation: a worker's script needs them,
  // too.
  for (const [header, value] of Object.entries(server.headers ?? {})) {
    if (value !== undefined) response.setHeader(header, value);
  }
  response.setHeader("Content-Type", TYPES[extname(name)] ?? "application/octet-stream");
  response.setHeader("Content-Length", length);
  response.setHeader("Cache-Control", "max-age=31536000, immutable");
  if (headOnly) response.end();
  else if (typeof source !== "string") response.end(source);
  // (A browser that goes away in the middle is no error.)
  else pipeline(createReadStream(source), response, () => {});
}
