import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@unplugin-paw/compiler";
import { readSpec } from "@unplugin-paw/spec";

/** Numbers of specs that an app is built with. */
export const sizes = [1, 20, 200] as const;

/** The app lies in the workspace, whose packages it imports; its programs are kept for the next run. */
export const app: string = fileURLToPath(new URL("./results/plugin/", import.meta.url));
export const programs: string = join(app, "programs");

const senders = [
  "customer",
  "guest",
  "neighbour",
  "patient",
  "student",
  "tenant",
  "driver",
  "reader",
  "member",
  "seller",
];
/** Each with two messages that are about it, and two that are about something like it. */
const topics: [topic: string, about: [string, string], other: [string, string]][] = [
  ["an invoice", ["Where is the bill for March?", "You charged me twice"], ["The door is stuck", "See you on Monday"]],
  ["a delay", ["It should have come last week", "Still waiting for it"], ["It came early", "How much is it?"]],
  ["a broken thing", ["The handle came off", "It does not switch on"], ["It is lovely", "Do you have it in red?"]],
  ["a refund", ["Give me my money back", "When is it paid back?"], ["I will take two more", "Is there a manual?"]],
  ["a meeting", ["Can we talk on Friday?", "I am late for our call"], ["The parcel is here", "It leaks again"]],
  ["an address", ["We moved to Mill Road 4", "Send it to my office"], ["What does it cost?", "It is too loud"]],
  ["a password", ["I cannot log in any more", "Please reset my access"], ["The lamp flickers", "Many thanks for it"]],
  ["a cancellation", ["I do not want it any longer", "End my contract, please"], ["Sign me up", "Is it open today?"]],
  ["praise", ["Best I ever had", "You were so kind to us"], ["It never works", "Where is my order?"]],
  ["noise", ["They drill at night", "I cannot sleep for the music"], ["It is so calm here", "My key is lost"]],
  ["the weather", ["It rains into the hall", "Too hot in there at noon"], ["The bill is wrong", "Nobody picks up"]],
  ["food", ["The soup was cold", "Is there anything vegan?"], ["The lift is stuck", "I paid in cash"]],
  ["a child", ["My son is ill today", "Is there a seat for a baby?"], ["The rent is due", "Your site is down"]],
  ["an animal", ["May I bring my dog?", "The cat got out"], ["May I bring my bike?", "The car broke down"]],
  ["parking", ["Somebody stands in my place", "Where can I leave the car?"], ["When is lunch?", "I lost my ring"]],
  ["a discount", ["Is it cheaper for two?", "My voucher does not count"], ["It is the wrong size", "The tap drips"]],
  ["a key", ["I am locked out", "The card opens no door"], ["I am on my way", "The card was charged"]],
  ["a form", ["What do I write in line 7?", "I sent the papers already"], ["The bus is late", "I feel dizzy"]],
  ["a job", ["Do you need anybody?", "I sent you my CV"], ["Do you have any tea?", "I sent you the rent"]],
  ["an accident", ["He fell down the stairs", "A car hit my fence"], ["He came down for tea", "A car is for sale"]],
];

/**
 * The spec of a number: 200 differ in their words, and a program of any of them has the usual 128 vectors or a few
 * less.
 */
function specText(index: number): string {
  const sender = senders[index % senders.length];
  const [topic, about, other] = topics[Math.floor(index / senders.length)] as (typeof topics)[number];
  return `---
returns: [about, other]
---
Say whether what a ${sender} writes is about ${topic}, or about something other than that.

## Examples

${about.flatMap((text, i) => [`- The ${sender} says: ${text} => about`, `- The ${sender} says: ${other[i]} => other`]).join("\n")}
- ${about[0]} Please answer soon, your ${sender} => about
- ${other[0]} Please answer soon, your ${sender} => other

## Tests

- I am your ${sender}. ${about[1]} => about
`;
}

/**
 * What an entry imports: specs; plain modules; or modules that name the same programs as files, for which nobody needs
 * the plugin.
 */
export const variants = ["specs", "modules", "files"] as const;
export type Variant = (typeof variants)[number];

export const entryOf = (variant: Variant, size: number): string => join(app, `src/${variant}-${size}.js`);

/**
 * Writes the app, with an entry for each variant and size up to the last, and compiles what the cache does not have
 * yet.
 */
export async function prepareApp(last: (typeof sizes)[number] = 200): Promise<void> {
  const write = (path: string, text: string) => {
    mkdirSync(join(app, path, ".."), { recursive: true });
    // (What is as it should be keeps its time of change.)
    const file = join(app, path);
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
  };
  write("package.json", '{ "type": "module" }\n');
  for (let i = 0; i < last; i++) {
    write(`src/spec${i}.paw`, specText(i));
    write(`src/module${i}.js`, moduleText(i));
    const { spec } = readSpec(join(app, `src/spec${i}.paw`));
    if (!spec) throw new Error(`bench/plugin-app.ts writes a spec with an error: spec${i}.paw`);
    const { cached, seconds, weights, path } = await compile(spec, { cache: programs, effort: "draft" });
    if (!cached) console.error(`spec${i}.paw  ${seconds.toFixed(1)} s  ${(weights.length / 1e6).toFixed(2)} MB`);
    const file = JSON.stringify(relative(join(app, "src"), path as string));
    write(`src/file${i}.js`, `export default /*#__PURE__*/ new URL(${file}, import.meta.url);\n`);
  }
  for (const size of sizes.filter((one) => one <= last)) {
    write(
      `src/specs-${size}.js`,
      entryText(size, (i) => `./spec${i}.paw`),
    );
    write(
      `src/modules-${size}.js`,
      entryText(size, (i) => `./module${i}.js`),
    );
    write(
      `src/files-${size}.js`,
      entryText(size, (i) => `./file${i}.js`),
    );
  }
}

/** A module of the size of a spec's, without a program. */
function moduleText(index: number): string {
  return `export const meta = {
  name: "module${index}",
  contract: { input: { kind: "string" }, output: { kind: "labels", labels: ["about", "other"] } },
};

/** Says whether it is the text of number ${index}. */
export default function plain(text) {
  return text === ${JSON.stringify(topics[index % topics.length]?.[1][0])} ? meta.contract.output.labels[0] : meta.contract.output.labels[1];
}
`;
}

function entryText(size: number, path: (index: number) => string): string {
  const numbers = Array.from({ length: size }, (_, i) => i);
  const imports = numbers.map((i) => `import f${i} from ${JSON.stringify(path(i))};\n`).join("");
  return `${imports}\nexport default [${numbers.map((i) => `f${i}`).join(", ")}];\n`;
}
