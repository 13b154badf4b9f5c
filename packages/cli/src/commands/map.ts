import { createHash } from "node:crypto";
import { once, setMaxListeners } from "node:events";
import { statSync } from "node:fs";
import { basename } from "node:path";
import type { AnyPawFunction } from "@unplugin-paw/runtime";
import type { CompilerFlags } from "../compiler.ts";
import { UsageError } from "../errors.ts";
import { namedFile, namedKind } from "../files.ts";
import { inOrder } from "../map/in-order.ts";
import { News } from "../map/news.ts";
import { type Manifest, PART, Parts } from "../map/parts.ts";
import { lineRows, openRows, type Row, type Rows } from "../map/rows.ts";
import { errorJson, note } from "../output.ts";
import { readProgram } from "../program.ts";
import type { Shard } from "../shard.ts";

export interface MapFlags extends CompilerFlags {
  /** JSON Lines or a table; default: JSON Lines on stdin. */
  in?: string;
  /** Default: stdout. */
  out?: string;
  column?: string;
  workers?: string;
  shard?: Shard;
}

/** Inputs that are on their way to one worker: some passes of them. */
const WIDTH = 48;

/**
 * `paw map`: answers all inputs of a file, or of stdin, a line of JSON each, in their order. What fails is its line's
 * `error`.
 *
 * @returns the exit code: 1 where an input of a file failed. (An engine that drives a filter would throw all answers away
 *   with it.)
 */
export async function mapCommand(file: string, flags: MapFlags, signal: AbortSignal): Promise<number> {
  namedKind(file, ".paw", ".weights");
  const workers = Number(flags.workers ?? 1);
  if (!Number.isInteger(workers) || workers < 1) {
    throw new UsageError(`--workers is ${flags.workers}, not a number from 1.`);
  }
  if (flags.in !== undefined) namedFile(flags.in);
  if (flags.in === undefined && (flags.out !== undefined || flags.shard)) {
    const hint = "What comes from stdin goes to stdout, all of it.";
    throw new UsageError("--out and --shard take a file of inputs: --in.", hint);
  }
  const weights = await weightsOf(file, flags, signal);
  if (!weights) return 1;
  const { loadProgram } = await import("@unplugin-paw/runtime");
  const answer = await loadProgram(weights, { workers, signal });
  const source: Rows =
    flags.in === undefined
      ? { rows: lineRows(process.stdin, answer.meta.contract) }
      : await openRows(flags.in, answer.meta.contract, flags.column);

  const parts = await openParts(flags, weights);
  const skipped = parts?.lines ?? 0;
  if (skipped > 0) note(`${skipped.toLocaleString("en")} lines are there from an earlier run.`);
  const news = new News(source.bytes, skipped, flags.out);
  let failed = 0;
  const rows = shardOf(source.rows, flags.shard, skipped);
  // (As many calls as run at a time listen to it, which Node would take for a mistake.)
  setMaxListeners(0, signal);
  const lines = inOrder(rows, WIDTH * workers, (row) => lineOf(answer, row, signal));
  let part: string[] = [];
  for await (const { text, isError, end } of lines) {
    if (isError) failed++;
    const told = news.answered(end);
    if (told !== undefined) note(told);
    if (!parts) await print(text);
    else if (part.push(text) === PART) {
      await parts.write(part, signal);
      part = [];
    }
  }
  if (part.length > 0) await parts?.write(part, signal);
  await parts?.finish(signal);
  note(news.done(failed));
  return failed > 0 && flags.in !== undefined ? 1 : 0;
}

/** The program's bytes; a spec is compiled first. */
async function weightsOf(file: string, flags: MapFlags, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (file.endsWith(".weights")) return (await readProgram(file)).weights;
  const { loadSpec, compileSpec, ungated } = await import("../compiler.ts");
  const spec = loadSpec(file, flags);
  return spec && (await compileSpec(ungated(spec), flags, signal)).weights;
}

async function openParts({ in: input, out, column, shard }: MapFlags, weights: Uint8Array): Promise<Parts | undefined> {
  if (out === undefined || input === undefined) return undefined;
  const { size, mtimeMs } = statSync(input);
  const manifest: Manifest = {
    version: 1,
    program: createHash("sha256").update(weights).digest("hex"),
    input: { file: basename(input), bytes: size, modified: mtimeMs, ...(column !== undefined && { column }) },
    ...(shard && { shard: `${shard.index}/${shard.count}` }),
    part: PART,
  };
  return await Parts.open(out, manifest);
}

/** The rows of a shard, which has every n-th, without those that are answered already. */
async function* shardOf(
  rows: AsyncIterable<Row>,
  shard: Shard | undefined,
  skipped: number,
): AsyncGenerator<Row, void> {
  let number = 0;
  let own = 0;
  for await (const row of rows) {
    if (shard && number++ % shard.count !== shard.index - 1) continue;
    if (own++ >= skipped) yield row;
  }
}

interface Line {
  text: string;
  isError: boolean;
  /** As of {@link Row}. */
  end: number | undefined;
}

async function lineOf(answer: AnyPawFunction, { input, problem, end }: Row, signal: AbortSignal): Promise<Line> {
  const line = (result: object, isError: boolean) => ({
    text: `${JSON.stringify({ input, ...result })}\n`,
    isError,
    end,
  });
  if (problem) return line({ error: problem }, true);
  try {
    return line({ output: await answer(input, { signal }) }, false);
  } catch (error) {
    signal.throwIfAborted();
    if (!isOfInput(error)) throw error;
    return line({ error: errorJson(error) }, true);
  }
}

/** Whether one input is to blame, and the next may be answered. */
function isOfInput(error: unknown): error is Error & { code: string; raw?: string } {
  if (!(error instanceof Error && "code" in error)) return false;
  const calls = ["INPUT_TOO_LONG", "ANSWER_TOO_LONG"];
  return ["InputError", "OutputError"].includes(error.name) || calls.includes(String(error.code));
}

/** Writes a line to stdout, as fast as it is taken there. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
