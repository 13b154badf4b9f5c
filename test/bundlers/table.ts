import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
import { type Row, rows } from "./rows.ts";

/** What the table tells of a row, found in its output or by running it. What cannot be is absent. */
export type Features = Partial<Record<Feature, boolean>>;
export type Feature = keyof typeof columns;

/** The table's columns, behind bundler and mode. */
export const columns = {
  hash: "hashed names",
  lazy: "lazy import apart",
  unused: "unused import leaves nothing",
  map: "source map",
  urls: "URLs",
  worker: "in your worker",
};

const docs = new URL("../../docs/bundlers.md", import.meta.url);
const markers = ["<!-- table: written by npm run docs -->\n", "<!-- table end -->"] as const;
const found = new Map<Row, string>();
const notes = [...new Set(rows.flatMap((row) => Object.values(row.notes ?? {})))];
const below = notes.map((note, i) => `${i + 1}. ${note}`).join("\n");
const advice = "docs/bundlers.md says otherwise; if the code is right, run: npm run docs";

function line(row: Row, features: Features): string {
  const cells = (Object.keys(columns) as Feature[]).map((feature) => {
    const note = row.notes?.[feature];
    return `${cell(row, feature, features[feature])}${note === undefined ? "" : ` (${notes.indexOf(note) + 1})`}`;
  });
  return `| ${[row.bundler, row.mode, ...cells].join(" | ")} |`;
}

function cell({ option }: Row, feature: Feature, has: boolean | undefined): string {
  if (has === undefined) return "–";
  if (feature === "urls") return option === undefined ? "relative" : `\`${option}\``;
  return has ? "yes" : "no";
}

/** The table must say of the row what was found; when the docs are to be written, it will. */
export async function compareLine(row: Row, features: Features): Promise<void> {
  found.set(row, line(row, features));
  if (process.env.UPDATE_DOCS) return;
  const lines = (await readFile(docs, "utf8")).split("\n").map((text) => text.replace(/ +/g, " "));
  const said = lines.find((text) => text.startsWith(`| ${row.bundler} | ${row.mode} |`));
  expect(said, advice).toBe(found.get(row));
}

export async function compareNotes(): Promise<void> {
  if (!process.env.UPDATE_DOCS) expect(await readFile(docs, "utf8"), advice).toContain(below);
}

/** Writes the table, when the docs are to be written and all rows have run. */
export async function writeTable(): Promise<void> {
  if (!process.env.UPDATE_DOCS) return;
  const lines = rows.map((row) => found.get(row));
  if (lines.includes(undefined)) throw new Error("docs/bundlers.md is left as it was: not all rows have run");
  const head = `| bundler | mode | ${Object.values(columns).join(" | ")} |\n|${" --- |".repeat(Object.keys(columns).length + 2)}\n`;
  const text = await readFile(docs, "utf8");
  const start = text.indexOf(markers[0]) + markers[0].length;
  const end = text.indexOf(markers[1]);
  await writeFile(docs, `${text.slice(0, start)}\n${head}${lines.join("\n")}\n\n${below}\n\n${text.slice(end)}`);
}
