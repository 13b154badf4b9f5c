import { readFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { basename, join } from "node:path";
import { files } from "../apps.ts";

/** What a build of `fixtures/everywhere` has that reading it tells. */

/** A label as a string of the code; minifiers choose the quotes. */
const label = (name: string) => new RegExp(`(["'\`])${name}\\1`);

async function scripts(out: string): Promise<{ file: string; text: string }[]> {
  const found = (await files(out)).filter((file) => /\.c?js$/.test(file) && !file.includes("paw-worker"));
  return await Promise.all(found.map(async (file) => ({ file, text: await readFile(join(out, file), "utf8") })));
}

/** Whether each program is there once, under a name that changes with it. */
export async function hashed(out: string): Promise<boolean> {
  const programs = (await files(out)).filter((file) => file.endsWith(".weights"));
  const hash = (file: string) => basename(file, ".weights").replace(/^(tone|topic)[-.]?/, "");
  return programs.length === 2 && programs.every((file) => /^[\w-]{8,}$/.test(hash(file)));
}

/** Whether what is imported lazily is in a file of its own. */
export async function lazyChunk(out: string): Promise<boolean> {
  const all = await scripts(out);
  const [eager = [], lazy = []] = ["polite", "cooking"].map((name) => {
    return all.filter(({ text }) => label(name).test(text)).map(({ file }) => file);
  });
  return eager.length > 0 && lazy.length > 0 && !eager.some((file) => lazy.includes(file));
}

/** Whether a build whose only import is not used has neither a program nor the interpreter, nor code for them. */
export async function nothingLeft(out: string): Promise<boolean> {
  const assets = (await files(out)).filter((file) => !/\.(c?js|map|html)$/.test(file));
  return assets.length === 0 && !(await scripts(out)).some(({ text }) => label("polite").test(text));
}

/** Whether the source map leads from a label to where the spec says it, and says what stands there. */
export async function mapped(out: string, spec: string): Promise<boolean> {
  const text = await readFile(spec, "utf8");
  for (const { file, text: code } of await scripts(out)) {
    const lines = code.split("\n");
    const line = lines.findIndex((candidate) => label("cooking").test(candidate));
    if (line < 0) continue;
    const map = JSON.parse(await readFile(join(out, `${file}.map`), "utf8"));
    const entry = new SourceMap(map).findEntry(line, (lines[line] as string).search(label("cooking")));
    if (!("originalSource" in entry) || !entry.originalSource.endsWith("topic.paw")) return false;
    const said = text.split("\n")[entry.originalLine]?.slice(entry.originalColumn) ?? "";
    const content = map.sourcesContent[map.sources.findIndex((source: string) => source.endsWith("topic.paw"))];
    return said.startsWith("cooking") && content === text;
  }
  return false;
}
