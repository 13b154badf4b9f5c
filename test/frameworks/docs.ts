import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { workspace } from "../pack-helpers/tarballs.ts";
import type { Project } from "./project.ts";
import { type Column, columns, type Row } from "./row.ts";
import { rows } from "./rows.ts";

const docs = join(workspace, "docs/frameworks.md");
const names = Object.keys(columns) as Column[];
const notes = [...new Set(rows.flatMap((row) => Object.values(row.dashes ?? {})))];

/**
 * Writes the row's line of the table, when the docs are to be written (UPDATE_DOCS) and all its columns were tried, and
 * with it all that the rows say without being run. Lines of rows that did not run stay as they are: each has its date.
 */
export function writeDocs(row: Row, project: Project | undefined, results: ReadonlyMap<Column, boolean>): void {
  const ran = names.every((name) => results.has(name) !== (row.dashes?.[name] !== undefined));
  if (!process.env.UPDATE_DOCS || !project || !ran) return;
  const text = readFileSync(docs, "utf8");
  const lines = rows.map((one) => (one === row ? line(row, project, results) : lineOf(one, text)));
  const head = ["framework", "versions", "Node", ...Object.values(columns), "run on"];
  const table = [`| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...lines.filter((one) => one)];
  const below = notes.map((note, i) => `${i + 1}. ${note}`);
  const blocks = rows.filter((_, i) => lines[i]).flatMap(setup);
  const written = replaced(replaced(text, "table", [...table, "", ...below]), "set-up", blocks);
  writeFileSync(docs, written.replace(/\n{3,}/g, "\n\n"));
  execFileSync(join(workspace, "node_modules/.bin/biome"), ["format", "--write", docs], { cwd: workspace });
}

function line(row: Row, { node, versions }: Project, results: ReadonlyMap<Column, boolean>): string {
  const shown = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const cells = names.map((name) => {
    const note = row.dashes?.[name];
    return note === undefined ? (results.get(name) ? "yes" : "**no**") : `– (${notes.indexOf(note) + 1})`;
  });
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: workspace, encoding: "utf8" }).trim();
  const date = new Date().toISOString().slice(0, 10);
  return `| ${[row.name, shown.join(", "), node, ...cells, `${date}, ${commit}`].join(" | ")} |`;
}

/** The line that is there; its notes are numbered anew. */
function lineOf(row: Row, text: string): string | undefined {
  const found = text.split("\n").find((one) => one.replace(/ +/g, " ").startsWith(`| ${row.name} |`));
  const cells = found?.split("|").map((cell) => cell.trim());
  for (const [i, name] of names.entries()) {
    const note = row.dashes?.[name];
    if (cells && note !== undefined) cells[4 + i] = `– (${notes.indexOf(note) + 1})`;
  }
  return cells?.join(" | ").trim();
}

/** How a framework is set up: what was run says it. */
function setup({ fixture, setup, spec = "src/tone.paw" }: Row): string[] {
  if (!setup) return [];
  const blocks = setup.files.flatMap((file) => {
    const path = join(import.meta.dirname, fixture, file);
    if (!existsSync(path)) throw new Error(`${fixture}/${file}, which the docs are to show, is not there`);
    const kind = extname(file).replace(/^\.m?/, "");
    const sign = kind === "svelte" || kind === "astro" || kind === "vue" ? `<!-- ${file} -->` : `// ${file}`;
    return ["", `\`\`\`${kind}`, sign, readFileSync(path, "utf8").trim(), "```"];
  });
  const text = setup.text === undefined ? [] : ["", setup.text];
  return [
    `### ${setup.title}`,
    ...blocks,
    ...text,
    "",
    `The spec: \`${spec}\`. All of it: [test/frameworks/${fixture}](../test/frameworks/${fixture}).`,
    "",
  ];
}

function replaced(text: string, name: string, lines: readonly (string | undefined)[]): string {
  const [start, end] = [`<!-- ${name}: written by npm run docs:frameworks -->`, `<!-- ${name} end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`docs/frameworks.md has no place for its ${name}`);
  return `${text.slice(0, from + start.length)}\n\n${lines.join("\n")}\n\n${text.slice(to)}`;
}
