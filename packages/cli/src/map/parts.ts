import { createReadStream, createWriteStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../errors.ts";
import { writeWhole } from "../files.ts";

/** Lines of a part: what a kill can cost. */
export const PART = 200;

/** What decides every line of an output; a part of another one must not get into it. */
export interface Manifest {
  version: 1;
  /** SHA-256 of the program. */
  program: string;
  input: { file: string; bytes: number; modified: number; column?: string };
  shard?: string;
  part: number;
}

/**
 * The folder in which an output grows, `OUT.parts`: parts that are written whole or not at all, until they are put
 * together. A run that was killed goes on behind the last part that it wrote.
 */
export class Parts {
  readonly #out: string;
  readonly #folder: string;
  #written: number;

  private constructor(out: string, folder: string, written: number) {
    this.#out = out;
    this.#folder = folder;
    this.#written = written;
  }

  /**
   * @throws {UsageError} the output is there already; a folder of parts is, that another program or input began
   */
  static async open(out: string, manifest: Manifest): Promise<Parts> {
    if (existsSync(out)) throw new UsageError(`${out} is there already.`, "Remove it, or name another file.");
    const folder = `${out}.parts`;
    const file = join(folder, "manifest.json");
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    if (existsSync(file)) {
      if (readFileSync(file, "utf8") !== text) {
        const hint = `Remove the folder to begin anew, or give the program and the input that it was begun with.`;
        throw new UsageError(`${folder} was begun with another program or input.`, hint);
      }
    } else {
      await mkdir(folder, { recursive: true });
      await writeWhole(file, text);
    }
    const names = new Set(readdirSync(folder));
    let written = 0;
    while (names.has(nameOf(written))) written++;
    return new Parts(out, folder, written);
  }

  /** Lines that earlier runs wrote. */
  get lines(): number {
    return this.#written * PART;
  }

  /** Writes the next part; only the last one of an output may be shorter than others. */
  async write(lines: readonly string[], signal: AbortSignal): Promise<void> {
    await writeWhole(join(this.#folder, nameOf(this.#written)), lines.join(""), signal);
    this.#written++;
  }

  /** Puts the parts together, in their order. */
  async finish(signal: AbortSignal): Promise<void> {
    const whole = join(this.#folder, "whole");
    const parts = Array.from({ length: this.#written }, (_, i) => join(this.#folder, nameOf(i)));
    const content = async function* () {
      for (const part of parts) yield* createReadStream(part);
    };
    await pipeline(content, createWriteStream(whole, { flush: true }), { signal });
    await rename(whole, this.#out);
    await rm(this.#folder, { recursive: true });
  }
}

function nameOf(part: number): string {
  return `${String(part).padStart(6, "0")}.jsonl`;
}
