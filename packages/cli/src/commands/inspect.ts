import { outputLabels, type Program } from "@unplugin-paw/program";
import { specTypes } from "@unplugin-paw/spec";
import { namedKind } from "../files.ts";
import { coverageTable, percent, plain, print, size, style } from "../output.ts";
import { readProgram } from "../program.ts";

export interface InspectFlags {
  json?: boolean;
}

/**
 * `paw inspect`: everything in a `.weights` file but its numbers. Needs no model.
 *
 * @returns the exit code
 */
export async function inspectCommand(file: string, flags: InspectFlags): Promise<number> {
  namedKind(file, ".weights");
  const { program, weights: bytes } = await readProgram(file);
  const { prefix, ...metadata } = program;
  const { layers, heads, tokens, headSize } = prefix;
  const shape = { tokens, layers, heads, headSize, ...storage(bytes) };
  const all: Inspected = { file, bytes: bytes.length, signature: signature(metadata), ...metadata, prefix: shape };
  if (flags.json) print(JSON.stringify(all));
  else print(`${style("bold", plain(all.name))} (${file}, ${size(bytes.length)})\n\n${plain(inspectText(all))}`);
  return 0;
}

interface Inspected extends Omit<Program, "prefix"> {
  file: string;
  bytes: number;
  signature: string;
  prefix: { tokens: number; layers: number; heads: number; headSize: number; encoding: "f16" | "i8"; bytes: number };
}

/** How the prefix is stored, from the header of a file that was decoded, so that all of it is known to be sound. */
function storage(bytes: Buffer): { encoding: "f16" | "i8"; bytes: number } {
  const dataStart = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, dataStart)) as { keys: { dtype: string } };
  return { encoding: header.keys.dtype === "F16" ? "f16" : "i8", bytes: bytes.length - dataStart };
}

/** The function's type, as the declaration file of its spec has it. */
function signature({ name, contract, spec: { digest } }: Omit<Program, "prefix">): string {
  const spec = { id: name, name, instructions: "", contract, examples: [], tests: [], dataFiles: [], digest };
  try {
    return /^declare const (.*);$/m.exec(specTypes(spec).code)?.[1] ?? name;
  } catch {
    // Only a file that no spec was compiled to has a schema without a TypeScript form.
    return `${name}: ${JSON.stringify(contract)}`;
  }
}

function inspectText(all: Inspected): string {
  const { prefix, interpreter, scores, calibration, compiler } = all;
  const labels = outputLabels(all.contract);
  const { threshold, verbatim } = calibration;
  const bias = calibration.bias?.map((value, index) => `${labels?.[index]} ${number(value)}`).join(", ");
  const stages = scores.stages.map(({ name, validation, kept }) => {
    const score = validation === null ? "(not measured)" : `${percent(validation)} on validation`;
    return `${name} ${score}${kept ? "" : " (dropped)"}`;
  });
  const { tests } = scores;
  const provenance = Object.entries(all.provenance ?? {}).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const rows: [string, string][] = [
    ["signature", all.signature],
    ["interpreter", `${interpreter.id} (${interpreter.digest.slice(0, 12)})`],
    ["prefix", `${prefix.tokens} tokens, ${prefix.encoding}, ${size(prefix.bytes)}`],
    ["stages", stages.join("; ") || "none"],
    ["tests", tests ? `${tests.passed} of ${tests.total} passed (${percent(tests.accuracy)})` : "none"],
    [
      "calibration",
      [
        `temperature ${number(calibration.temperature)}`,
        ...(bias ? [`bias ${bias}`] : []),
        ...(threshold === undefined ? [] : [`null below ${number(threshold)}`]),
        ...(verbatim
          ? [`${verbatim.wholeWords ? "whole words" : "parts"} of the input ${number(verbatim.by)} more`]
          : []),
      ].join("; "),
    ],
    ...(labels ? [] : [["answer", `at most ${all.answerTokens} tokens`] as [string, string]]),
    ["compiler", `${compiler.version}, effort ${compiler.effort}, seed ${compiler.seed}`],
    ["spec", all.spec.digest.slice(0, 12)],
    ...(provenance.length === 0 ? [] : [["provenance", provenance.join(", ")] as [string, string]]),
    ["licence", all.licence],
  ];
  return [
    ...rows.map(([name, value]) => `${name.padEnd(13)}${value}`),
    ...(scores.coverage ? ["", coverageTable(all)] : []),
    "",
    "pseudo-program",
    ...all.pseudoProgram.split("\n").map((line) => `  ${line}`.trimEnd()),
  ].join("\n");
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}
