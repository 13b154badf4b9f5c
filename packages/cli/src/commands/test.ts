import type { TestCase, TestReport } from "@unplugin-paw/compiler";
import { printable, type Spec } from "@unplugin-paw/spec";
import { type CompilerFlags, compileSpec, loadSpec, ungated } from "../compiler.ts";
import { attempt } from "../errors.ts";
import { namedKind } from "../files.ts";
import { brief, percent, print, style } from "../output.ts";

export interface TestFlags extends CompilerFlags {
  json?: boolean;
}

/**
 * `paw test`: compiles each spec and runs its tests. A spec passes when it reaches its `accuracy`, or, where it names
 * none, when every test passes.
 *
 * @returns the exit code
 */
export async function testCommand(files: string[], flags: TestFlags, signal: AbortSignal): Promise<number> {
  for (const file of files) namedKind(file, ".paw");
  let failed = 0;
  for (const file of files) {
    const passed = await attempt(signal, () => testFile(file, flags, signal));
    if (!passed) failed++;
  }
  return failed ? 1 : 0;
}

async function testFile(file: string, flags: TestFlags, signal: AbortSignal): Promise<boolean> {
  const spec = loadSpec(file, flags, "with warnings");
  if (!spec) return false;
  const { report } = await compileSpec(ungated(spec), flags, signal);
  const { passed, failed, accuracy, cases } = report;
  const good = failed === 0 || (spec.accuracy !== undefined && accuracy !== null && accuracy >= spec.accuracy);
  print(flags.json ? JSON.stringify({ file, passed, failed, accuracy, cases }) : reportText(file, spec, report, good));
  return good;
}

function reportText(file: string, spec: Spec, report: TestReport, good: boolean): string {
  if (report.accuracy === null) return `${file}: no tests`;
  const mark = good ? style("green", "passed") : style("red", "failed");
  const needed = spec.accuracy === undefined ? "" : `, ${percent(spec.accuracy)} needed`;
  const total = report.passed + report.failed;
  return [
    ...report.cases.filter((test) => !test.passed).map(failure),
    `${file}: ${mark}, ${report.passed} of ${total} tests (${percent(report.accuracy)}${needed})`,
  ].join("\n");
}

function failure({ input, expected, output, error, location }: TestCase): string {
  const found = error ? `failed: ${error.message}` : `got ${brief(output)}`;
  return `${printable(location.file)}:${location.line}:${location.column}: ${brief(input)}: expected ${brief(expected)}, ${found}`;
}
