import { createHash } from "node:crypto";
import { type CompileOptions, compile } from "@unplugin-paw/compiler";
import { renderOutput } from "@unplugin-paw/program";
import type { Pair, Spec } from "@unplugin-paw/spec";

/** The score of a program that was made from a part of the examples. */
export interface CurvePoint {
  examples: number;
  /** Share of the spec's tests. */
  accuracy: number;
}

const SIZES = [8, 16, 32, 64];

/**
 * What more examples would bring: the tests' score of programs that are compiled from 8, 16, 32 and 64 of what is
 * there, outputs in balance, and from all. Each is a compile, and stays in the cache.
 *
 * @returns a point at a time, as they are done
 * @throws what `compile` throws
 */
export async function* learningCurve(spec: Spec, options: CompileOptions = {}): AsyncGenerator<CurvePoint, void> {
  const { examples, accuracy: _, ...rest } = spec;
  const dealt = inTurn(spec, examples);
  for (const size of [...SIZES.filter((size) => size < examples.length), examples.length]) {
    const part = size === examples.length ? examples : dealt.slice(0, size);
    const digest =
      size === examples.length ? spec.digest : createHash("sha256").update(`${spec.digest} ${size}`).digest("hex");
    const { report } = await compile({ ...rest, examples: part, digest }, options);
    if (report.accuracy !== null) yield { examples: size, accuracy: report.accuracy };
  }
}

/** Examples in an order whose every beginning has the outputs in balance. */
function inTurn({ contract }: Spec, examples: readonly Pair[]): Pair[] {
  const groups = new Map<string, Pair[]>();
  for (const pair of examples) {
    const output = renderOutput(contract, pair.output);
    groups.set(output, [...(groups.get(output) ?? []), pair]);
  }
  const dealt: Pair[] = [];
  for (let i = 0; dealt.length < examples.length; i++)
    dealt.push(...[...groups.values()].flatMap((group) => group[i] ?? []));
  return dealt;
}
