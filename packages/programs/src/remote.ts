import { printable } from "@unplugin-paw/spec/printable";
import { DamagedEntry, RemoteError } from "./errors.ts";
import { type RemoteStorage, type Store, storeOf, TIMEOUT } from "./remote-store.ts";

/** What a call of a remote needs beside key and value. */
export interface RemoteCall {
  onWarning: (message: string) => void;
  signal: AbortSignal;
}

/**
 * A cache that machines share. It is never a reason to fail: what it does not answer in time, refuses or garbles is
 * told once a process, and done without from then on.
 */
export interface Remote {
  /** The value of a key as `read` takes it; undefined where there is none that can be had and believed. */
  get<T>(key: string, read: (value: Uint8Array) => T, call: RemoteCall): Promise<T | undefined>;
  put(key: string, value: () => Uint8Array, call: RemoteCall): Promise<void>;
}

const remotes = new Map<unknown, Remote>();

/** The remote of an address or a storage: one for all compiles of this process. */
export function remoteOf(remote: string | RemoteStorage): Remote {
  const known = remotes.get(remote) ?? createRemote(remote);
  remotes.set(remote, known);
  return known;
}

function createRemote(remote: string | RemoteStorage): Remote {
  const { name, open } = storeOf(remote);
  const take = turns(open);
  let [reads, writes] = [true, true];
  const warned = new Set<string>();
  const warn = (problem: string, { onWarning }: RemoteCall) => {
    const kind = problem.split(":", 1)[0] as string;
    if (warned.has(kind)) return;
    warned.add(kind);
    onWarning(`The remote cache ${name} ${problem}`);
  };

  return {
    async get(key, read, call) {
      try {
        const value = await take(async (store, signal) => (reads ? await store.get(key, signal) : null), call.signal);
        return value === null || value === undefined ? undefined : read(bytesOf(value));
      } catch (error) {
        call.signal.throwIfAborted();
        if (error instanceof RemoteError) throw error;
        if (error instanceof DamagedEntry) {
          warn(`gave something that is not the program that was asked for: ${error.message}. It is not used.`, call);
        } else {
          [reads, writes] = [false, false];
          warn(`cannot be used: ${reason(error)}. This process goes on without it.`, call);
        }
        return undefined;
      }
    },
    async put(key, value, call) {
      try {
        await take(async (store, signal) => (writes ? await store.set(key, value(), signal) : undefined), call.signal);
      } catch (error) {
        call.signal.throwIfAborted();
        if (error instanceof RemoteError) throw error;
        writes = false;
        warn(`takes no programs: ${reason(error)}. What this process compiles stays here.`, call);
      }
    },
  };
}

/**
 * Runs work on a store, one after the other; the store is open while there is any, so that it does not keep the
 * process.
 */
function turns(open: () => Promise<Store>) {
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let store: Promise<Store> | undefined;
  return async <T>(work: (store: Store, signal: AbortSignal) => Promise<T>, outer: AbortSignal): Promise<T> => {
    waiting++;
    const turn = queue.then(() =>
      within(outer, async (signal) => {
        store ??= open();
        return await work(await store, signal);
      }),
    );
    queue = turn
      .catch(() => {})
      .then(async () => {
        if (--waiting > 0) return;
        const last = store;
        store = undefined;
        await last?.then(
          (opened) => opened.close?.(),
          () => {},
        );
      });
    return await turn;
  };
}

/** Does work that may hang. */
async function within<T>(outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  // (The timer of AbortSignal.timeout would not keep a process that has nothing else to wait for.)
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${TIMEOUT / 1000} seconds`)), TIMEOUT);
  const signal = AbortSignal.any([outer, limit.signal]);
  try {
    signal.throwIfAborted();
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
  }
}

/** Drivers differ in what they give for bytes. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Error) throw value; // what unstorage's file drivers do with one
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new DamagedEntry("it is not bytes");
}

/** Why a store failed, in one line without a login or a signature: some drivers tell the whole URL. */
function reason(error: unknown): string {
  const { message, cause, code } = error as Error & { code?: string };
  const inner = cause as (Error & { code?: string }) | undefined;
  // (`fetch failed` says nothing, and where several addresses refuse, only the code does.)
  const text = inner?.message || inner?.code || message || code || String(error);
  const [line = ""] = text.split("\n");
  return printable(line)
    .slice(0, 300)
    .replace(/\/\/[^/\s@]*@/g, "//")
    .replace(/\?[^\s"']*/g, "")
    .replace(/(?:\. Please report this)?\.?$/, "");
}
