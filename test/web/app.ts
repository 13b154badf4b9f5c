import { join } from "node:path";
import { compile, programMeta } from "@unplugin-paw/compiler";
import { type PawClassifier, program } from "@unplugin-paw/runtime";
import { readSpec } from "@unplugin-paw/spec";
import type { Options } from "unplugin-paw";
import { appsOf, fixtures } from "../apps.ts";

/** What the app says: see `fixtures/everywhere/src/ask.js`. */
export interface Answers {
  tone: Judged;
  topic: Judged;
  plain: string;
  isolated: boolean;
}

interface Judged {
  label: string;
  probability: number;
  probabilities: Record<string, number>;
}

const apps = appsOf("everywhere");
export const temporary: string = apps.temporary;
export const cache: string = apps.cache;
export const copyApp: (name: string) => Promise<string> = apps.copyApp;
export const removeApps: () => Promise<void> = apps.removeApps;

/** The plugin's options in all these tests: programs are compiled once, and fast. */
export const options: Options = { cache, effort: "draft", types: false };

/** What the same programs say in Node. */
export async function answersInNode(): Promise<Omit<Answers, "isolated">> {
  const load = async (name: string) => {
    const { spec } = readSpec(join(fixtures, "everywhere/src", `${name}.paw`));
    if (!spec) throw new Error(`${name}.paw has an error`);
    const compiled = await compile(spec, { cache: options.cache as string, effort: "draft" });
    return program(compiled.weights, programMeta(compiled.program)) as PawClassifier<string, string>;
  };
  const tone = await load("tone");
  const topic = await load("topic");
  return {
    tone: await tone.classify("You idiot, get lost"),
    topic: await topic.classify("The striker scored twice in the final"),
    plain: await tone("Many thanks for your kind help"),
  };
}
