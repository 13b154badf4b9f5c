import type { TestReport } from "@unplugin-paw/compiler";
import type { Spec } from "@unplugin-paw/spec";
import { checkForm } from "./answers.ts";
import type { Finding } from "./finding.ts";
import { checkConfusions, checkLabels } from "./labels.ts";
import { checkCopies, checkCounts, checkLengths, checkScope } from "./pairs.ts";

export { type CurvePoint, learningCurve } from "./curve.ts";
export type { Finding } from "./finding.ts";

/**
 * Reviews a spec: what keeps its program from being better, most valuable first. It looks at the spec alone, and at
 * what its program answered to the tests where that is given; nothing is run.
 *
 * @param report of the spec's compile
 * @example
 * for (const { message, hint } of examine(spec, report)) console.log(`${message}\n  ${hint}`);
 */
export function examine(spec: Spec, report?: TestReport): Finding[] {
  const found = [
    ...checkCopies(spec), // what is wrong teaches the wrong thing
    ...(report ? checkConfusions(spec, report) : []),
    ...checkForm(spec),
    ...checkLabels(spec),
    ...checkCounts(spec),
    ...checkScope(spec),
    ...checkLengths(spec),
  ];
  const first = ["contradiction", "leak", "form-unsaid", "label-unsaid", "labels-overlap"];
  const rank = ({ code }: Finding) => (first.includes(code) ? first.indexOf(code) : first.length);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
