import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@unplugin-paw/compiler";
import { formatDiagnostic, readSpec, type Spec, specTypes } from "@unplugin-paw/spec";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCli } from "../packages/cli/src/cli.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
// Inside the workspace, so that samples find its packages, as they are published.
const temporary = join(root, `test/.tmp-docs-${process.pid}`);

/** A fenced block of a document. */
interface Sample {
  /** `docs/cache.md:34` */
  name: string;
  language: string;
  text: string;
}

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`),
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`),
].filter((file) => file.endsWith(".md"));

const samples = documents.flatMap(samplesOf);
const inLanguage = (...languages: string[]) => samples.filter(({ language }) => languages.includes(language));

function samplesOf(file: string): Sample[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^( *)(`{3,})([\w-]*)\n(.*?)\n\1\2$/gms)].map((match) => {
    const [, indent = "", , language = "", body = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    return { name: `${file}:${line}`, language, text: `${body.replaceAll(new RegExp(`^${indent}`, "gm"), "")}\n` };
  });
}

beforeAll(() => mkdirSync(temporary, { recursive: true }));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** The data files that the samples' specs name. */
const DATA = {
  "more.csv": "input,output\nCancel my plan,account\nWrong sum on the bill,billing\n",
  "tickets.jsonl": '{"text": "Thanks for the fast help", "team": "other"}\n',
};

function writeSpec(sample: Sample): string {
  const folder = join(temporary, sample.name.replaceAll(/\W+/g, "-"));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(DATA)) writeFileSync(join(folder, name), text);
  const path = join(folder, "sample.paw");
  writeFileSync(path, sample.text);
  return path;
}

describe("specs", () => {
  test("no spec stands in a block of another language", () => {
    const others = samples.filter(({ language, text }) => language !== "paw" && /^---\n.*^returns[ \t]*:/ms.test(text));
    expect(others.map(({ name }) => name)).toEqual([]);
    expect(inLanguage("paw").length).toBeGreaterThanOrEqual(2);
  });

  test.each(inLanguage("paw"))("$name is read without a complaint, and all of it", (sample) => {
    const { spec, diagnostics } = readSpec(writeSpec(sample));
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    const items = (section: string) =>
      (
        sample.text
          .split(`\n## ${section}`)[1]
          ?.split("\n## ")[0]
          ?.match(/^- (?!from)/gm) ?? []
      ).length;
    const inFiles =
      (sample.text.match(/^- from:.*more\.csv/gm) ?? []).length * 2 +
      (sample.text.match(/^- from:.*tickets/gm) ?? []).length;
    expect(spec?.examples).toHaveLength(items("Examples") + inFiles);
    expect(spec?.tests).toHaveLength(items("Tests"));
    expect(spec?.tests.length).toBeGreaterThan(0);
  });

  test.each(inLanguage("paw"))("$name compiles to a program that answers", async (sample) => {
    const { accuracy: _, ...spec } = readSpec(writeSpec(sample)).spec as Spec; // a draft need not be good
    const { report } = await compile(spec, { effort: "draft", cache: false });
    expect(report.cases).toHaveLength(spec.tests.length);
    const { labels } = spec.contract.output as { labels: string[] };
    for (const { output, error } of report.cases) {
      expect(error).toBeUndefined();
      expect([...labels, null]).toContain(output);
    }
  });
});

/** What samples take from the program that they are put into. */
const NAMES = `
import type { ProgramMeta } from "@unplugin-paw/runtime";
import type { Program } from "@unplugin-paw/program";
declare global {
  const paw: typeof import("unplugin-paw/vite").default;
  const signal: AbortSignal;
  const text: string;
  const texts: string[];
  const meta: ProgramMeta;
  const program: Program;
  const id: string;
  const digest: string;
  const onProgress: () => void;
  const bucket: string, endpoint: string, region: string, accessKeyId: string, secretAccessKey: string;
  const tone: typeof import("./tone.paw").default;
  const server: import("node:http").Server;
  function ask(): Promise<void>;
  function defineNuxtConfig(config: object): object; // Nuxt's own global
}
`;

/**
 * True for a module of a framework that only test/frameworks installs; ours, and those of this workspace, must be
 * there.
 */
function isElsewhere({ code, messageText }: ts.Diagnostic): boolean {
  const name = /^Cannot find module '([^'.][^']*)'/.exec(ts.flattenDiagnosticMessageText(messageText, "\n"))?.[1];
  return code === 2307 && name !== undefined && !/^(unplugin-paw|@unplugin-paw)(\/|$)/.test(name);
}

describe("programs", () => {
  const folder = join(temporary, "programs");
  // docs/frameworks.md shows files of the projects that test/frameworks type-checks, builds and runs.
  const all = inLanguage("ts", "js", "tsx", "jsx", "mjs", "mts").filter(({ name }) => !/frameworks\.md/.test(name));
  const fileOf = ({ name, language }: Sample) =>
    join(folder, "src/routes", `${name.replaceAll(/\W+/g, "-")}.${language}`);
  // Those that need nothing but what they say; plugins' samples are built and run by test/bundlers.
  const alone = all.filter(({ text, name }) => /^packages\/(graph|spec)\//.test(name) && text.includes("import "));
  let errors = new Map<string, string[]>();

  beforeAll(() => {
    mkdirSync(join(folder, "src/routes"), { recursive: true });
    // The specs that samples import are samples themselves: so are their types.
    const specs = { sentiment: "packages/spec/README.md", route: "README.md" };
    const paths = Object.entries(specs).map(([name, file]) => {
      const sample = inLanguage("paw").find((one) => one.name.startsWith(`${file}:`)) as Sample;
      return [name, writeSpec(sample)] as const;
    });
    for (const [name, path] of [...paths, ["tone", join(root, "fixtures/app/src/tone.paw")] as const]) {
      const { spec } = readSpec(path);
      if (!spec) throw new Error(`${path} is no spec`);
      const { code } = specTypes({ ...spec, name });
      for (const where of ["src/routes", "src", "."]) writeFileSync(join(folder, where, `${name}.d.paw.ts`), code);
    }
    const names = join(folder, "names.ts");
    writeFileSync(names, NAMES);
    // JavaScript that is run below is not asked for types as well.
    const unchecked = (sample: Sample) => sample.language === "js" && alone.includes(sample);
    for (const sample of all)
      writeFileSync(fileOf(sample), `${unchecked(sample) ? "// @ts-nocheck\n" : ""}${sample.text}`);
    const program = ts.createProgram([...all.map(fileOf), names], {
      ...{
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.NodeNext,
        moduleDetection: ts.ModuleDetectionKind.Force,
      },
      ...{ allowJs: true, checkJs: true, allowArbitraryExtensions: true, skipLibCheck: true, noEmit: true },
      ...{ strict: true, noImplicitAny: false, types: ["node", "vite/client"] },
    });
    errors = new Map();
    for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
      if (isElsewhere(diagnostic)) continue;
      const { file, start = 0, messageText } = diagnostic;
      const name = file?.fileName ?? "";
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      const message = `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      errors.set(name, [...(errors.get(name) ?? []), message]);
    }
  });

  test.each(all)("$name compiles", (sample) => {
    expect(errors.get(fileOf(sample)) ?? []).toEqual([]);
  });

  test("so does what they take from their surroundings", () => {
    const known = new Set(all.map(fileOf));
    expect([...errors].filter(([file]) => !known.has(file))).toEqual([]);
  });

  test.each(alone)("$name runs", (sample) => {
    const path = fileOf(sample);
    const [spec] = inLanguage("paw");
    writeFileSync(join(dirname(path), "sentiment.paw"), (spec as Sample).text);
    for (const [name, text] of Object.entries(DATA)) writeFileSync(join(dirname(path), name), text);
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
    const output = execFileSync(process.execPath, [tsx, basename(path)], { cwd: dirname(path), encoding: "utf8" });
    if (sample.name.startsWith("packages/spec"))
      expect(output).toContain("declare const sentiment: PawClassifier<string,");
    if (sample.text.includes("console.log(feeds")) {
      const [w0, w1, b] = output.match(/-?\d+\.\d+/g)?.map(Number) ?? [];
      for (const [found, wanted] of [
        [w0, 3],
        [w1, 2],
        [b, 1],
      ] as const)
        expect(found).toBeCloseTo(wanted, 0);
    }
  });
});

describe("command lines", () => {
  const commands = new Map(
    createCli(new AbortController().signal, () => {}).commands.map((command) => [command.name(), command]),
  );
  const lines = inLanguage("sh", "bash").flatMap(({ name, text }) =>
    text
      .replaceAll("\\\n", " ")
      .split("\n")
      .flatMap((line) => line.replace(/\s#.*$/, "").split(/&&|\||;/))
      .map((line) => ({ name, line: line.trim() }))
      .filter(({ line }) => line !== ""),
  );
  const ours = lines.filter(({ line }) => /^(\w+=\S+ )*(npx )?(paw|@unplugin-paw\/cli) /.test(line));

  test.each(ours)("$name: $line", ({ line }) => {
    const [name = "", ...words] = (/(?:paw|@unplugin-paw\/cli) (.*)$/.exec(line)?.[1] ?? "").split(/\s+/);
    let command = commands.get(name);
    expect(command, `paw ${name}`).toBeDefined();
    const inner = command?.commands.find((one) => one.name() === words[0]);
    command = inner ?? command;
    const flags = command?.options.flatMap(({ long, short }) => [long, short]) ?? [];
    for (const word of words.filter((one) => /^--?[a-z]/.test(one))) expect(flags, line).toContain(word);
  });

  test("npm scripts are there", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const named = documents.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/\bnpm run ([\w:-]+)/g)].map(
        ([, script]) => `${file} ${script}`,
      ),
    );
    const unknown = named.filter((one) => !Object.hasOwn(scripts, one.split(" ")[1] as string));
    expect(unknown.filter((one) => !one.startsWith("packages/"))).toEqual([]);
    expect(ours.length).toBeGreaterThan(10);
  });

  test("JSON samples are JSON", () => {
    for (const { name, text } of inLanguage("json"))
      expect(() => JSON.parse(text.replace(/^\/\/.*\n/, "")), name).not.toThrow();
    expect(relative(root, temporary)).toMatch(/^test/);
  });
});
