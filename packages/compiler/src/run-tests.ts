import type { Program } from "@unplugin-paw/program";
import type { TestResult } from "@unplugin-paw/programs";
import { answerAll, type Engine } from "@unplugin-paw/runtime/decode";
import type { Spec } from "@unplugin-paw/spec";
import { type TestReport, testReport } from "./report.ts";

/**
 * Runs a spec's tests on a program, with the decoder that will run it. An answer passes when it equals the expected one
 * exactly.
 */
export async function runTests(
  spec: Spec,
  program: Program,
  engine: Engine,
  signal?: AbortSignal,
): Promise<TestReport> {
  const inputs = spec.tests.map(({ input }) => input);
  const answers = await answerAll(engine, program, inputs, signal);
  return testReport(
    spec,
    answers.map((found): TestResult => {
      if (!found.error) return { output: found.value };
      const { message } = found.error;
      return {
        error: { message, ...("raw" in found.error && found.error.raw !== undefined && { raw: found.error.raw }) },
      };
    }),
  );
}
