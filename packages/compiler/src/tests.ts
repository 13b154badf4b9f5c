import { type Program, renderOutput } from "@unplugin-paw/program";
import { answerAll, type Engine } from "@unplugin-paw/runtime/decode";
import type { Location, Spec } from "@unplugin-paw/spec";
import { isRight } from "./right.ts";

/** A test of a spec and what the program answered. */
export interface TestCase {
  input: unknown;
  expected: unknown;
  /** Absent where the call failed. */
  output?: unknown;
  error?: { message: string; raw?: string };
  passed: boolean;
  location: Location;
}

export interface TestReport {
  passed: number;
  failed: number;
  /** Share of tests passed; null without tests. */
  accuracy: number | null;
  cases: TestCase[];
}

/** What a test's answer was, without what the spec says already: this is what the cache keeps. */
export type TestResult = Pick<TestCase, "output" | "error">;

/** Runs a spec's tests on a program, with the decoder that will run it. An answer passes when it equals the expected one exactly. */
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

/** Judges results, in the order of the spec's tests. */
export function testReport(spec: Spec, results: readonly TestResult[]): TestReport {
  const cases = spec.tests.map(({ input, output: expected, location }, i): TestCase => {
    const result = results[i] ?? { error: { message: "the test was not run" } };
    const found = result.error ? { error: result.error as Error } : { value: result.output };
    const passed = isRight(
      spec.contract,
      found as Parameters<typeof isRight>[1],
      renderOutput(spec.contract, expected),
    );
    return { input, expected, ...result, passed, location };
  });
  const passed = cases.filter((test) => test.passed).length;
  return {
    passed,
    failed: cases.length - passed,
    accuracy: cases.length === 0 ? null : passed / cases.length,
    cases,
  };
}
