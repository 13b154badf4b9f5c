import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { readRegular, UnfitFile, writeWhole } from "@unplugin-paw/disk";
import { MAX_BYTES } from "./entry.ts";
import { DamagedEntry, RemoteError } from "./errors.ts";

/**
 * What a remote cache needs of an unstorage `Storage`. (Not its type: unstorage brings more megabytes than all else
 * that a build installs, and is for those who use it.)
 */
export interface RemoteStorage {
  hasItem(key: string): Promise<boolean>;
  getItemRaw(key: string): Promise<unknown>;
  setItemRaw(key: string, value: Uint8Array): Promise<void>;
}

/** A place for values of bytes under keys of hex digits. */
export interface Store {
  /** Whatever is there; null or undefined where nothing is. */
  get(key: string, signal: AbortSignal): Promise<unknown>;
  set(key: string, value: Uint8Array, signal: AbortSignal): Promise<void>;
  close?(): void;
}

/** Most bytes that Redis may send for a command: a program, in Base64. */
const MAX_ANSWER = 1.5 * MAX_BYTES;

/** Milliseconds until a store that does not answer is given up. */
export const TIMEOUT = 10_000;

/**
 * How the store of a remote is opened, and its name without what is secret in it. Opening connects to nothing yet.
 *
 * @throws {RemoteError} it is neither an unstorage `Storage` nor an address that is understood
 */
export function storeOf(remote: string | RemoteStorage): { name: string; open: () => Promise<Store> } {
  if (typeof remote !== "string") {
    if (typeof remote?.getItemRaw === "function" && typeof remote.setItemRaw === "function") {
      return { name: "of the configuration", open: async () => storageStore(remote) };
    }
    throw new RemoteError(
      "The remote cache is neither an address nor a storage.",
      'Give an address such as "redis://host:6379" as `remote`, or what `createStorage` of unstorage returns.',
    );
  }
  // (One letter and a colon is a drive of Windows.)
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(remote)?.[1]?.toLowerCase();
  if (scheme === undefined) return { name: remote, open: async () => folderStore(resolve(remote)) };
  if (!URL.canParse(remote)) {
    throw new RemoteError(
      `The address of the remote cache (${scheme}:) is not a valid URL.`,
      "Special characters in a password are written as %40 and the like.",
    );
  }
  const url = new URL(remote);
  const name = `${url.protocol}//${url.host}${url.pathname}`;
  if (scheme === "file") return { name, open: async () => folderStore(fileURLToPath(url)) };
  if (scheme === "http" || scheme === "https") return { name, open: async () => httpStore(url) };
  if (scheme === "redis" || scheme === "rediss") return { name, open: () => redisStore(remote) };
  throw new RemoteError(
    `The remote cache ${scheme}: is none of redis:, rediss:, http:, https:, file: and the path of a folder.`,
    "For another one give the plugin's option `remote` a storage: `createStorage({ driver })` of unstorage, which has drivers for S3 and many more.",
  );
}

/** What the user made: S3, Azure, a driver of their own. */
function storageStore(storage: RemoteStorage): Store {
  return {
    // (Some drivers, HTTP for one, throw a TypeError where a value is not there.)
    get: async (key) => ((await storage.hasItem(key)) ? await storage.getItemRaw(key) : null),
    set: (key, value) => storage.setItemRaw(key, value),
  };
}

async function redisStore(url: string): Promise<Store> {
  const [{ createStorage }, { default: redisDriver }] = await Promise.all([
    import("unstorage"),
    import("unstorage/drivers/redis"),
  ]).catch((error) => {
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new RemoteError(
      "A remote cache in Redis needs the packages unstorage and ioredis.",
      "Install them: npm install -D unstorage ioredis",
    );
  });
  // Redis keeps texts: unstorage writes bytes as Base64. A connection that is lost is not waited for.
  const driver = redisDriver({ url, base: "unplugin-paw", connectTimeout: TIMEOUT, retryStrategy: () => null });
  const storage = createStorage({ driver });
  // Without a listener ioredis prints its errors; what it rejects a command with afterwards says only that the
  // connection is closed.
  let cause: Error | undefined;
  const redis = driver.getInstance?.();
  redis?.on("error", (error: Error) => {
    cause = error;
  });
  const meter = { bytes: 0 };
  redis?.on("connect", () => guard((redis as unknown as { stream: Duplex }).stream, meter));
  const explain = (error: unknown): never => {
    throw cause ?? error;
  };
  return {
    get(key) {
      meter.bytes = 0;
      return storage.getItemRaw(key).catch(explain);
    },
    set(key, value) {
      meter.bytes = 0;
      return storage.setItemRaw(key, value).catch(explain);
    },
    close: () => driver.dispose?.(),
  };
}

/**
 * Stands between a server and what parses its answers: that throws out of an event, where nobody could catch it, for
 * arrays in arrays, and keeps whatever comes. An error here closes the connection, which ends what waits for it.
 */
function guard(stream: Duplex, meter: { bytes: number }): void {
  const listeners = stream.listeners("data") as ((chunk: Buffer) => void)[];
  stream.removeAllListeners("data");
  stream.on("data", (chunk: Buffer) => {
    if (stream.destroyed) return;
    try {
      meter.bytes += chunk.length;
      if (meter.bytes > MAX_ANSWER) throw new Error("its answer is far too long");
      for (const listener of listeners) listener.call(stream, chunk);
    } catch (error) {
      const known = error instanceof RangeError ? new Error("it does not speak Redis's protocol") : (error as Error);
      stream.destroy(known);
    }
  });
}

/**
 * What unstorage's HTTP driver says, and its server understands: GET and PUT of `<url>/<key>`, 404 where nothing is.
 * (The driver itself cannot be stopped: a request that hangs would hold the whole process for minutes.)
 */
function httpStore({ origin, pathname, search, username, password }: URL): Store {
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization =
    username || password ? { authorization: `Basic ${Buffer.from(login).toString("base64")}` } : undefined;
  const request = async (key: string, init: RequestInit): Promise<Response> => {
    const headers = { ...(init.headers as Record<string, string>), ...authorization };
    const response = await fetch(`${origin}${pathname.replace(/\/*$/, "/")}${key}${search}`, { ...init, headers });
    if (response.ok || response.status === 404) return response;
    await response.body?.cancel();
    throw new Error(`it answers ${response.status} ${response.statusText}`.trimEnd());
  };
  return {
    async get(key, signal) {
      const response = await request(key, { signal, headers: { accept: "application/octet-stream" } });
      if (response.status !== 404) return await readBody(response);
      await response.body?.cancel();
      return null;
    },
    async set(key, value, signal) {
      const headers = { "content-type": "application/octet-stream" };
      const response = await request(key, { method: "PUT", body: value as BodyInit, signal, headers });
      await response.body?.cancel();
      if (response.status === 404) throw new Error("it answers 404 to PUT");
    },
  };
}

/** The whole body, unless it never ends. */
async function readBody(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Error("its answer is far too long");
  }
  return Buffer.concat(parts);
}

/** A folder that machines share. (unstorage's driver writes in place, where another machine may be reading.) */
function folderStore(folder: string): Store {
  return {
    get: (key, signal) =>
      readRegular(join(folder, key), { maxBytes: MAX_BYTES, signal }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        // (What is wrong with one value says nothing of the others.)
        if (error instanceof UnfitFile) throw new DamagedEntry(error.message);
        throw error;
      }),
    set: (key, value, signal) => writeWhole(join(folder, key), value, { signal }),
  };
}
