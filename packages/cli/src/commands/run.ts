import type { Program } from "@unplugin-paw/program";
import { type Answer, answers, type Engine } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import type { CompilerFlags } from "../compiler.ts";
import { report as reportError } from "../errors.ts";
import { namedFile, namedKind } from "../files.ts";
import { type InputFlags, readInputs } from "../inputs.ts";
import { brief, errorJson, note, percent, print } from "../output.ts";
import { decodeNamed, readProgram } from "../program.ts";
import { startProgress } from "../progress.ts";

export interface RunFlags extends CompilerFlags, InputFlags {
  json?: boolean;
}

/** A program and the interpreter that it runs on. */
interface Ready {
  program: Program;
  engine: Engine;
}

/**
 * `paw run`: answers inputs with a program, or with a spec, which is compiled first.
 *
 * @returns the exit code
 */
export async function runCommand(file: string, flags: RunFlags, signal: AbortSignal): Promise<number> {
  namedKind(file, ".paw", ".weights");
  if (flags.gguf !== undefined) namedFile(flags.gguf);
  // Inputs are read before anything is compiled or loaded: a mistake in them should not cost that time.
  if (file.endsWith(".weights")) {
    const { program, weights } = await readProgram(file);
    const inputs = await readInputs(program.contract, flags, signal);
    // The program names the build that it was compiled for; a GGUF of the user's must turn out to be that build.
    const { id } = program.interpreter;
    const engine = await openEngine(program, flags.gguf === undefined ? program.interpreter : { id }, flags, signal);
    decodeNamed(weights, file, { interpreter: engine.interpreter });
    return await answerInputs({ program, engine }, inputs, flags, signal);
  }
  // Programs run without the compiler, whose code takes a quarter of a second to load.
  const { loadSpec, compileSpec, ungated } = await import("../compiler.ts");
  const spec = loadSpec(file, flags);
  if (!spec) return 1;
  const inputs = await readInputs(spec.contract, flags, signal);
  const { program, report } = await compileSpec(ungated(spec), flags, signal);
  if (spec.accuracy !== undefined && report.accuracy !== null && report.accuracy < spec.accuracy) {
    note(`warning: the tests score ${percent(report.accuracy)}; a build needs ${percent(spec.accuracy)}.`);
  }
  const engine = await openEngine(program, { id: program.interpreter.id }, flags, signal);
  return await answerInputs({ program, engine }, inputs, flags, signal);
}

async function openEngine(
  { name }: Program,
  interpreter: { id: string; digest?: string },
  { gguf }: RunFlags,
  signal: AbortSignal,
): Promise<Engine> {
  const progress = startProgress(name);
  try {
    const options = { onProgress: progress.update, signal };
    return await sharedEngine(interpreter, gguf === undefined ? options : { ...options, gguf });
  } finally {
    progress.stop();
  }
}

async function answerInputs(
  { engine, program }: Ready,
  inputs: unknown[],
  flags: RunFlags,
  signal: AbortSignal,
): Promise<number> {
  let failed = 0;
  let index = 0;
  for await (const { value, error } of answers(engine, program, inputs, signal)) {
    const input = inputs[index++];
    if (!error) printOutput(input, value, flags);
    // The only input is not a line of a list that must stay whole.
    else if (flags.inputFile === undefined) throw error;
    else printError(input, error, index, flags);
    if (error) failed++;
  }
  if (failed) note(`${failed} of ${inputs.length} inputs failed.`);
  return failed ? 1 : 0;
}

type InputProblem = Exclude<Answer["error"], undefined>;

function printOutput(input: unknown, output: unknown, { json, inputFile }: RunFlags): void {
  // In a list every answer is one line.
  const plain = typeof output === "string" && (inputFile === undefined || !/[\r\n]/.test(output));
  if (json) print(JSON.stringify({ input, output }));
  else print(plain ? output : JSON.stringify(output));
}

/** In place of the answer: without `--json` a blank line, with the error on stderr. */
function printError(input: unknown, error: InputProblem, number: number, { json, inputFile }: RunFlags): void {
  if (json) {
    print(JSON.stringify({ input, error: errorJson(error) }));
    return;
  }
  note(`${inputFile}, input ${number}: ${brief(input)}`);
  reportError(error);
  print("");
}
