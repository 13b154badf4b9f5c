import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { decodeMetadata, decodeProgram, type Metadata, ProgramError } from "@unplugin-paw/program";
import type { Spec } from "@unplugin-paw/spec";
import { DamagedEntry } from "./errors.ts";
import { type Effort, efforts, type Origin, programKey } from "./origin.ts";

/** What a program answered to a test of its spec. */
export interface TestResult {
  /** Absent where the call failed. */
  output?: unknown;
  error?: { message: string; raw?: string };
}

/** A compiled program as a cache keeps it. */
export interface Entry {
  metadata: Metadata;
  /** The `.weights` file. */
  readonly weights: Uint8Array;
  results: TestResult[];
}

/** What lies beside the weights, as JSON. */
export interface Manifest extends Origin {
  format: string;
  key: string;
  weights: { bytes: number; sha256: string };
  tests: TestResult[];
  /** The program's, for people and tools: see `Program`. Absent in format 1. */
  provenance?: { [name: string]: unknown };
  /** SHA-256 of all of the above, without white space: a line end that was converted does no harm here. */
  digest: string;
}

/**
 * Increment when a manifest is written that this version's reader would refuse or misread. README.md has a table of the
 * versions.
 */
const VERSION = 2;
const format = (version: number) => `unplugin-paw program ${version}`;

export function printManifest(origin: Origin, { weights, results, metadata }: Entry): string {
  const { name, spec, effort, seed, compiler, method, interpreter } = origin;
  const manifest = {
    ...{ format: format(VERSION), key: programKey(origin), name, spec, effort, seed, compiler, method },
    interpreter: { id: interpreter.id, digest: interpreter.digest },
    weights: { bytes: weights.length, sha256: sha256(weights) },
    tests: results,
    provenance: metadata.provenance ?? {},
  };
  return `${JSON.stringify({ ...manifest, digest: sha256(JSON.stringify(manifest)) }, null, 2)}\n`;
}

/**
 * Reads a manifest and checks it against itself: nothing in it was altered, and its key is that of its origin.
 *
 * @throws {DamagedEntry}
 */
export function parseManifest(text: string): Manifest {
  const file = "program.json";
  if (text.startsWith(LFS_POINTER)) throw new DamagedEntry(`${file} is a Git LFS pointer`, LFS_HINT);
  if (/^<{7} /m.test(text)) throw new DamagedEntry(`${file} has the marks of a merge conflict`);
  let manifest: { [name: string]: unknown };
  let own: string;
  try {
    manifest = JSON.parse(text);
    const { digest: _, ...rest } = manifest;
    own = sha256(JSON.stringify(rest));
  } catch {
    throw new DamagedEntry(`${file} is not JSON`);
  }
  const [, newer = "0"] =
    /^unplugin-paw program (\d{1,9})$/.exec(typeof manifest.format === "string" ? manifest.format : "") ?? [];
  if (Number(newer) > VERSION) {
    const message = `${file} has the format ${newer}, and this version reads up to ${VERSION}`;
    throw new DamagedEntry(message, "Update unplugin-paw, or compile the spec again.");
  }
  if (!isManifest(manifest)) throw new DamagedEntry(`${file} is not what this version writes`);
  if (manifest.digest !== own) throw new DamagedEntry(`${file} was altered`);
  if (manifest.key !== programKey(manifest)) throw new DamagedEntry(`${file} has a key that is not its own`);
  return manifest;
}

/**
 * What a manifest and weights say of a program, when all of it is what was put there for this origin. Nothing of
 * `weights` is kept.
 *
 * @throws {DamagedEntry}
 */
export function openEntry(text: string, weights: Uint8Array, origin: Origin, spec: Spec): Omit<Entry, "weights"> {
  const manifest = parseManifest(text);
  if (manifest.key !== programKey(origin)) {
    throw new DamagedEntry(`program.json is of another program (${manifest.name}, key ${manifest.key.slice(0, 16)})`);
  }
  checkBytes(weights, manifest.weights);
  const metadata = readable(() => decodeMetadata(weights));
  const { name, interpreter, effort, seed, compiler } = origin;
  const told = { name, interpreter, spec: { digest: origin.spec }, compiler: { version: compiler, effort, seed } };
  const contract = JSON.parse(JSON.stringify(spec.contract));
  const ofOrigin = Object.entries({ ...told, contract }).every(([field, value]) => {
    return isDeepStrictEqual(metadata[field as keyof Metadata], value);
  });
  if (!ofOrigin) throw new DamagedEntry("the weights are those of another program");
  if (manifest.tests.length !== spec.tests.length) throw new DamagedEntry("program.json has results of other tests");
  return { metadata, results: manifest.tests };
}

function readable<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ProgramError) throw new DamagedEntry(`the weights cannot be used: ${error.message}`);
    throw error;
  }
}

const LFS_POINTER = "version https://git-lfs.github.com/spec/";
const LFS_HINT = "Run `git lfs pull` first (in GitHub Actions: `lfs: true` of actions/checkout).";

/** Whether the weights are the manifest's, and what became of them where they are not. */
function checkBytes(weights: Uint8Array, { bytes, sha256: expected }: Manifest["weights"]): void {
  if (weights.length === bytes && sha256(weights) === expected) return;
  const view = Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength);
  if (view.toString("latin1", 0, LFS_POINTER.length) === LFS_POINTER) {
    throw new DamagedEntry("the .weights file is a Git LFS pointer", LFS_HINT);
  }
  if (hasConvertedLines(view, bytes)) {
    throw new DamagedEntry(
      "the line ends of the .weights file were converted",
      "Put `*.weights binary` into .gitattributes.",
    );
  }
  const count = (size: number) => size.toLocaleString("en");
  if (weights.length < bytes)
    throw new DamagedEntry(`the .weights file has ${count(weights.length)} of ${count(bytes)} bytes`);
  throw new DamagedEntry("the .weights file was altered: its SHA-256 is not the one in program.json");
}

/**
 * In a megabyte of numbers both kinds of line end occur; where one of them is gone and the size fits that, Git was told
 * it is text.
 */
function hasConvertedLines(found: Buffer, bytes: number): boolean {
  if (Math.abs(found.length - bytes) > bytes / 50) return false;
  const lineFeeds = found.toString("latin1").match(/\r?\n/g) ?? [];
  const windows = lineFeeds.filter((end) => end.length === 2).length;
  return found.length > bytes ? windows === lineFeeds.length : found.length < bytes && windows === 0;
}

/** Most bytes of a packed entry: far more than any program takes (1 to 6 MB). */
export const MAX_BYTES: number = 2 ** 26;

/**
 * An entry as one value, for stores where two files could be torn apart: the manifest's length (4 bytes,
 * little-endian), it, the weights.
 */
export function packEntry(origin: Origin, entry: Entry): Uint8Array {
  const manifest = Buffer.from(printManifest(origin, entry));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(manifest.length);
  return Buffer.concat([length, manifest, entry.weights]);
}

/**
 * Anybody may have written what is in a store, so every number is looked at.
 *
 * @throws {DamagedEntry}
 */
export function unpackEntry(value: Uint8Array, origin: Origin, spec: Spec): Entry {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const length = bytes.length < 4 ? Number.POSITIVE_INFINITY : bytes.readUInt32LE(0);
  if (4 + length > bytes.length || bytes.length > MAX_BYTES) throw new DamagedEntry("it is no program");
  // (A copy of the weights: the value's memory need not lie as a program's numbers want it.)
  const weights = new Uint8Array(bytes.subarray(4 + length));
  const entry = openEntry(bytes.toString("utf8", 4, 4 + length), weights, origin, spec);
  readable(() => decodeProgram(weights));
  return { ...entry, weights };
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value) || !isObject(value.interpreter) || !isObject(value.weights)) return false;
  if (value.format !== format(1) && !(value.format === format(VERSION) && isObject(value.provenance))) return false;
  const { key, name, spec, compiler, digest, effort, seed, method, interpreter, weights, tests } = value;
  const texts = [key, name, spec, compiler, digest, interpreter.id, interpreter.digest, weights.sha256];
  const numbers = [seed, method, weights.bytes];
  return (
    texts.every((text) => typeof text === "string") &&
    numbers.every((number) => typeof number === "number") &&
    efforts.includes(effort as Effort) &&
    Array.isArray(tests) &&
    tests.every(isResult)
  );
}

function isResult(value: unknown): value is TestResult {
  if (!isObject(value)) return false;
  const { error } = value;
  if (error === undefined) return "output" in value;
  return isObject(error) && typeof error.message === "string" && ["undefined", "string"].includes(typeof error.raw);
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
