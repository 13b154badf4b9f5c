import type { TestReport } from "@unplugin-paw/compiler";
import { outputLabels } from "@unplugin-paw/program";
import type { Location, Spec } from "@unplugin-paw/spec";
import { type Finding, finding } from "./finding.ts";

/** Examples that a label should have at least. */
const FEW = 4;

/** Labels that nothing explains, that have too few examples, or no test. */
export function checkLabels(spec: Spec): Finding[] {
  const labels = spec.contract.output.kind === "labels" ? spec.contract.output.labels : undefined;
  if (!labels) return [];
  const { instructions, descriptions = [], examples, tests } = spec;
  const text = instructions.toLowerCase();
  const found: Finding[] = [];
  const place = (label: string): Location | undefined => spec.locations?.output.labels?.[labels.indexOf(label)];
  const share = (pairs: Spec["examples"], label: string) => pairs.filter(({ output }) => output === label).length;

  const isSaid = (label: string) =>
    descriptions.some((one) => one.label === label && one.field === undefined) ||
    label
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .some((word) => word.length > 2 && text.includes(word.replace(/(y|ies|s|ing|ed|e)$/, "")));
  for (const label of labels.filter((label) => !isSaid(label) && share(examples, label) < 8)) {
    const hint = `Say when it is right: \`- ${label}: ...\` under \`returns\`, or in the instructions.`;
    found.push(finding(spec, "label-unsaid", `Nothing says what the label ${label} stands for.`, hint, place(label)));
  }
  const mean = examples.length / labels.length;
  if (examples.length > 0) {
    for (const label of labels) {
      const count = share(examples, label);
      if (count >= FEW || count >= mean / 2) continue;
      const message = `The label ${label} has ${count} of ${examples.length} examples, where others have ${mean.toFixed(0)} on average.`;
      const hint = `Give it as many as the others: \`paw pairs add ${spec.id} --input ... --output ${label}\`.`;
      found.push(finding(spec, "label-rare", message, hint, place(label)));
    }
  }
  if (tests.length >= labels.length) {
    for (const label of labels.filter((label) => share(tests, label) === 0)) {
      const hint = "Add a test or two whose answer it is: the score says nothing of it now.";
      found.push(finding(spec, "label-untested", `No test has the label ${label}.`, hint, place(label)));
    }
  }
  return found;
}

/** Two labels that the program takes for each other, by the spec's tests. */
export function checkConfusions(spec: Spec, { cases }: TestReport): Finding[] {
  const labels = outputLabels(spec.contract);
  if (!labels) return [];
  return labels.flatMap((a, i) =>
    labels.slice(i + 1).flatMap((b) => {
      const own = cases.filter(({ expected }) => [a, b].includes(String(expected)));
      const mixed = own.filter(({ output, passed }) => !passed && [a, b].includes(String(output)));
      if (mixed.length < 3 || mixed.length < 0.25 * own.length) return [];
      const message = `${mixed.length} of the ${own.length} tests of ${a} and ${b} were answered with the other one of the two.`;
      const hint = `Say what parts them, and give examples at the edge. The first: ${JSON.stringify(mixed[0]?.input)}.`;
      return [finding(spec, "labels-overlap", message, hint, mixed[0]?.location)];
    }),
  );
}
