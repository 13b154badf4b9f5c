/** The process that `bench -- length` measures: compiles a spec of which some examples have so many words. */
import { compile } from "@unplugin-paw/compiler";
import { parseSpec } from "@unplugin-paw/spec";
import type { LengthRow } from "./length.ts";

const [kind, words, long] = process.argv.slice(2) as [LengthRow["kind"], string, string];

const topics = {
  garden: ["The roses need water", "Plant the bulbs in autumn", "Slugs ate my lettuce", "Mow the lawn on Sunday"],
  kitchen: ["Boil the eggs for six minutes", "The oven is too hot", "Chop the onions finely", "Add salt to the dough"],
};

/** An example of a topic, of at least so many words. */
function example(topic: keyof typeof topics, number: number, length: number): string {
  const sentences = topics[topic];
  const text = [];
  for (let at = number; text.join(" ").split(" ").length < length; at++) {
    text.push(`${sentences[at % sentences.length]}, order ${1000 + number}.`);
  }
  return text.join(" ");
}

const examples = Array.from({ length: 24 }, (_, i) => {
  const topic = i % 2 === 0 ? "garden" : "kitchen";
  const input = example(topic, i, i < Number(long) ? Number(words) : 10);
  return `- input: ${JSON.stringify(input)}\n  output: ${kind === "labels" ? topic : JSON.stringify(String(1000 + i))}`;
});
const returns = kind === "labels" ? "[garden, kitchen]" : "string";
const task = kind === "labels" ? "Is the text about the garden or the kitchen?" : "Give the number of the order.";
const text = `---\nreturns: ${returns}\n---\n${task}\n\n## Examples\n${examples.join("\n")}\n`;
const { spec, diagnostics } = parseSpec(text, "length.paw");
if (!spec) throw new Error(JSON.stringify(diagnostics));
const { seconds } = await compile(spec, { cache: false, onWarning: (message) => console.error(message) });
const row: LengthRow = {
  kind,
  words: Number(words),
  long: Number(long),
  seconds,
  peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1000),
};
console.log(JSON.stringify(row));
process.exit(0);
