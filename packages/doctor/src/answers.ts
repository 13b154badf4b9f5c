import type { Spec } from "@unplugin-paw/spec";
import { type Finding, finding, quoted } from "./finding.ts";

/** Words by which instructions say what an answer looks like. */
const FORM =
  /\b(exactly|only|just|as it is|word|words|sentence|sentences|line|lines|letters?|characters?|digits?|lower ?case|upper ?case|capital|format|form|number|list|json|comma|iso|yyyy|without|plural|singular|same|copy|extract|rewrite|translate|correct)\b|[=→`"“]/i;

/** What an answer is to look like. */
export function checkForm(spec: Spec): Finding[] {
  const { contract, examples, instructions } = spec;
  if (contract.output.kind !== "string") return [];
  if (examples.length === 0 && !FORM.test(instructions)) {
    const hint = 'Say it ("the name only, as it is written"), or show it by examples.';
    return [finding(spec, "form-unsaid", "Nothing says what an answer looks like: its length, its form.", hint)];
  }
  const texts = examples.map(({ output }) => String(output));
  const forms: [string, (text: string) => boolean][] = [
    ["end with a full stop", (text) => text.endsWith(".")],
    ["begin with a capital letter", (text) => /^\p{Lu}/u.test(text)],
    ["are in quotes", (text) => /^["“'].*["”']$/.test(text)],
  ];
  for (const [form, has] of forms) {
    // Names and codes begin as they do; only what most answers do is a form that some break.
    const count = texts.filter(has).length;
    const odd = examples.find(({ output }) => has(String(output)) !== count > texts.length / 2);
    const few = Math.min(count, texts.length - count);
    if (!odd || texts.length < 8 || few / texts.length > 0.25 || copies(spec)) continue;
    const message = `${count} of ${texts.length} answers ${form}, such as ${quoted(odd.output)}${count > texts.length / 2 ? ", which does not" : ""}: the form is not the same everywhere.`;
    return [
      finding(
        spec,
        "form-mixed",
        message,
        "Give all answers one form; the program learns what it is shown.",
        odd.location,
      ),
    ];
  }
  return [];
}

/** Whether answers are copied out of their inputs: then the input decides their form. */
function copies({ examples }: Spec): boolean {
  const copied = examples.filter(({ input, output }) => typeof input === "string" && input.includes(String(output)));
  return copied.length > examples.length / 2;
}
