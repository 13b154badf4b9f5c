import { findProgram } from "@unplugin-paw/compiler";
import { examine, type Finding, learningCurve } from "@unplugin-paw/doctor";
import type { Spec } from "@unplugin-paw/spec";
import { type CompilerFlags, cacheFolder, loadSpec, ungated } from "../compiler.ts";
import { attempt } from "../errors.ts";
import { namedKind } from "../files.ts";
import { note, percent, plain, print, style } from "../output.ts";

export interface DoctorFlags extends CompilerFlags {
  json?: boolean;
  /** Also compile from parts of the examples. */
  curve?: boolean;
}

/**
 * `paw doctor`: what keeps the programs of specs from being better, most valuable first.
 *
 * @returns the exit code: 1 where something was found
 */
export async function doctorCommand(files: string[], flags: DoctorFlags, signal: AbortSignal): Promise<number> {
  for (const file of files) namedKind(file, ".paw");
  let ill = 0;
  for (const file of files) {
    const well = await attempt(signal, () => review(file, flags, signal));
    if (!well) ill++;
  }
  return ill ? 1 : 0;
}

async function review(file: string, flags: DoctorFlags, signal: AbortSignal): Promise<boolean> {
  const spec = loadSpec(file, flags, "with warnings");
  if (!spec) return false;
  const options = {
    effort: flags.effort,
    cache: flags.cache === false ? (false as const) : cacheFolder(flags),
    ...(flags.gguf !== undefined && { gguf: flags.gguf }),
  };
  const compiled = await findProgram(ungated(spec), options);
  const findings = examine(spec, compiled?.report);
  if (flags.json) print(JSON.stringify({ file, findings }));
  else for (const finding of findings) print(described(finding));
  if (!compiled && spec.tests.length > 0)
    note(`${file}: not compiled yet, so nothing is known of its tests (paw test).`);
  if (flags.curve) await drawCurve(spec, { ...options, signal });
  if (findings.length === 0 && !flags.json) print(`${file}: ${style("green", "nothing found")}`);
  return findings.length === 0;
}

function described({ code, message, hint, location: { file, line, column } }: Finding): string {
  return `${plain(file)}:${line}:${column}: ${plain(message)} (${code})\n  ${plain(hint)}`;
}

async function drawCurve(spec: Spec, options: Parameters<typeof learningCurve>[1]): Promise<void> {
  for await (const { examples, accuracy } of learningCurve(spec, options)) {
    print(`${String(examples).padStart(4)} examples  ${"#".repeat(Math.round(40 * accuracy))} ${percent(accuracy)}`);
  }
}
