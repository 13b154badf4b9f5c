import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, programMeta } from "@unplugin-paw/compiler";
import { type PawClassifier, program } from "@unplugin-paw/runtime";
import { readSpec } from "@unplugin-paw/spec";
import type { Options } from "unplugin-paw";

/** What the app says in the browser: see `app/src/ask.js`. */
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

const source = fileURLToPath(new URL("./app", import.meta.url));

/** A folder inside the workspace, so that what is built there finds the workspace's packages. */
export const temporary: string = fileURLToPath(new URL(`../.tmp-web-${process.pid}`, import.meta.url));

/** The plugin's options in all these tests: programs are compiled once, and fast. */
export const options: Options = { cache: join(temporary, "cache"), effort: "draft", types: false };

/** A copy of the app that a test may build. */
export async function copyApp(name: string): Promise<string> {
  const folder = join(temporary, name);
  await mkdir(temporary, { recursive: true });
  await cp(source, folder, { recursive: true });
  return folder;
}

export async function removeApps(): Promise<void> {
  await rm(temporary, { recursive: true, force: true });
}

/** All files below a folder, as sorted paths relative to it. */
export async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** What the same programs say in Node. */
export async function answersInNode(): Promise<Omit<Answers, "isolated">> {
  const load = async (name: string) => {
    const { spec } = readSpec(join(source, "src", `${name}.paw`));
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
