import { type Contract, renderOutput } from "@unplugin-paw/program";
import type { TestResult } from "@unplugin-paw/programs";
import type { Location, Spec } from "@unplugin-paw/spec";

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

/** Judges results, in the order of the spec's tests. */
export function testReport(spec: Spec, results: readonly TestResult[]): TestReport {
  const cases = spec.tests.map(({ input, output: expected, location }, i): TestCase => {
    const result = results[i] ?? { error: { message: "the test was not run" } };
    const found = result.error ? { error: result.error } : { value: result.output };
    const passed = isRight(spec.contract, found, renderOutput(spec.contract, expected));
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

/** Whether an answer is the expected one, compared as the model would write both. */
export function isRight(
  contract: Contract,
  found: { value: unknown; error?: undefined } | { error: object },
  expected: string,
): boolean {
  // An abstaining classifier answers null, which is no answer that a pair could expect.
  return !found.error && found.value !== null && renderOutput(contract, found.value).trim() === expected.trim();
}
