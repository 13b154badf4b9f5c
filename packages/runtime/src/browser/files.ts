/// <reference lib="dom" />
import type { WebFile } from "@unplugin-paw/interpreter/web";
import { PawError } from "../errors.ts";
import { open, read, retry } from "./fetch.ts";

/** A file that does not change: its digest is its name in the browser's cache, wherever a deployment puts it. */
export interface RemoteFile extends WebFile {
  url: string;
  /** Files of one group replace what was cached under that group before. */
  group: string;
}

export interface FileOptions {
  signal: AbortSignal;
  /** Called with the number of bytes that came, out of {@link sentBytes}; less than 0 where a try is begun anew. */
  onBytes: (bytes: number) => void;
}

/** Length of a file on its way, by which progress is counted. */
export function sentBytes({ bytes, packed }: WebFile): number {
  return packed ?? bytes;
}

const cacheName = "unplugin-paw";

/**
 * Files kept by the browser's Cache API. A browser that has none here (a page without HTTPS, a private window), or no
 * room, is one that downloads again: nothing that goes wrong with the cache is an error.
 */
export class FileCache {
  private readonly cache: Cache | undefined;

  private constructor(cache: Cache | undefined) {
    this.cache = cache;
  }

  static async open(): Promise<FileCache> {
    return new FileCache(await attempt(() => caches.open(cacheName)));
  }

  /** Whether all files are here. */
  async hasAll(files: readonly RemoteFile[]): Promise<boolean> {
    const found = await Promise.all(files.map((file) => this.find(file)));
    return found.every((response) => response !== undefined);
  }

  /**
   * A file's bytes, from the cache or the network, checked in either case.
   *
   * @param into as long as the file
   * @throws {PawError} `FILE_MISSING`, `FILE_DIGEST`, `CONNECTION_LOST`
   */
  async fetch(file: RemoteFile, into: Uint8Array<ArrayBuffer>, options: FileOptions): Promise<void> {
    const cached = await this.find(file);
    if (cached) {
      const scale = sentBytes(file) / file.bytes;
      const onBytes = (bytes: number) => options.onBytes(bytes * scale);
      const fits = await fill(cached, file, into, { ...options, onBytes }).then(
        () => true,
        () => false,
      );
      options.signal.throwIfAborted();
      if (fits) return;
    }
    await retry(options.signal, async (tries) => {
      // What is kept here need not be kept by the browser's HTTP cache a second time.
      const mode = tries > 1 ? "reload" : this.cache ? "no-store" : "default";
      await download(file, mode, into, options);
    });
    // Waited for, as what is not finished when the page goes is lost.
    await attempt(() => this.cache?.put(key(file), new Response(into)));
  }

  /** Lets go of what the files' groups held before. */
  async prune(files: readonly RemoteFile[]): Promise<void> {
    const kept = new Set(files.map(key));
    const groups = new Set(files.map((file) => new URL(".", key(file)).href));
    await attempt(async () => {
      for (const { url } of (await this.cache?.keys()) ?? []) {
        if (groups.has(new URL(".", url).href) && !kept.has(url)) await this.cache?.delete(url);
      }
    });
  }

  private async find(file: RemoteFile): Promise<Response | undefined> {
    return await attempt(() => this.cache?.match(key(file)));
  }
}

/** An address that nobody serves: the Cache API wants one. */
function key({ group, sha256 }: RemoteFile): string {
  return new URL(`/.unplugin-paw/${group}/${sha256}`, location.origin).href;
}

async function attempt<T>(work: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

/** Fetches a file into its place, unpacks and checks it. What is cached is not packed: it is read many times. */
async function download(
  file: RemoteFile,
  cache: RequestCache,
  into: Uint8Array<ArrayBuffer>,
  options: FileOptions,
): Promise<void> {
  const response = await open(file.url, cache, options.signal);
  if (file.packed === undefined) return await fill(response, file, into, options);
  const packed = new Uint8Array(sentBytes(file));
  await place(response, file, packed, options);
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    await fill(new Response(stream), file, into, { ...options, onBytes: () => {} });
  } catch (error) {
    options.onBytes(-packed.length);
    options.signal.throwIfAborted();
    throw error instanceof PawError && error.code === "FILE_DIGEST"
      ? error
      : otherBytes(file, response, "bytes that cannot be unpacked");
  }
}

/** Reads a response into the file's place and checks it. */
async function fill(
  response: Response,
  file: RemoteFile,
  into: Uint8Array<ArrayBuffer>,
  options: FileOptions,
): Promise<void> {
  await place(response, file, into, options);
  // On a page without HTTPS there is no digest: then the length has to do.
  const digest = await crypto.subtle?.digest("SHA-256", into);
  if (!digest || hex(digest) === file.sha256) return;
  options.onBytes(-into.length);
  throw otherBytes(file, response, `the SHA-256 ${hex(digest)}`);
}

/** Reads a response of a known length. */
async function place(
  response: Response,
  file: RemoteFile,
  into: Uint8Array,
  { signal, onBytes }: FileOptions,
): Promise<void> {
  let at = 0;
  try {
    await read(response, file.url, signal, (chunk) => {
      if (at + chunk.length > into.length) throw otherBytes(file, response, `more than ${into.length} bytes`);
      into.set(chunk, at);
      at += chunk.length;
      onBytes(chunk.length);
    });
    if (at < into.length) throw otherBytes(file, response, `${at} bytes of ${into.length}`);
  } catch (error) {
    onBytes(-at);
    throw error;
  }
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function otherBytes({ url, sha256 }: RemoteFile, response: Response, found: string): PawError {
  const type = response.headers.get("content-type") ?? "";
  const hint = type.startsWith("text/html")
    ? "The server sends a page in its place, which many do where a file is missing: deploy the whole output folder, and check the base URL."
    : "Deploy the whole output folder again; a host or a proxy must not change the file.";
  return new PawError("FILE_DIGEST", `${url} has ${found}; the build had the SHA-256 ${sha256}.`, hint);
}
