import { execFile } from "node:child_process";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodeProgram } from "@unplugin-paw/program";
import { type OutputOptions, type RollupError, type RollupWatcher, rollup, watch } from "rollup";
import rollupPaw from "unplugin-paw/rollup";
import vitePaw, { type Options } from "unplugin-paw/vite";
import { build, createBuilder, createLogger, type InlineConfig, type Logger } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { files } from "./apps.ts";
import { cache, copyApp, devServer, removeApps, run, temporary } from "./plugin-helpers/app.ts";

const LABELS = ["polite", "rude"];
const BLOB = /^assets\/tone-[\w-]{8}\.weights$/;
const BROKEN = "---\nreturn: [polite, rude]\n---\nSay whether a message is polite or rude.\n";

interface Printed {
  name: string;
  answers: string[];
  tests: { passed: number; total: number; accuracy: number };
}

/** A Vite server build of one entry. */
function viteConfig(root: string, entry = "src/main.js", options: Options = {}): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [vitePaw({ cache, effort: "draft", ...options })],
    build: { ssr: entry, outDir: "out", emptyOutDir: true, sourcemap: true },
  };
}

/** A Rollup build of one entry; `types: false` because its root would be the workspace. */
async function rollupBuild(root: string, entry: string, output: OutputOptions, options: Options = {}): Promise<void> {
  const bundle = await rollup({
    input: join(root, "src", entry),
    plugins: [rollupPaw({ cache, effort: "draft", types: false, ...options })],
    onLog: () => {},
  });
  await bundle.write({ dir: join(root, "out"), ...output });
  await bundle.close();
}

beforeAll(async () => {
  // The first build compiles the spec; the others take it from the cache.
  const root = await copyApp("warm");
  await rollupBuild(root, "main.js", { format: "es" });
});
afterAll(removeApps);

// (Every mode of every bundler is run by bundlers/matrix.test.ts.)
describe("a build runs from another folder", () => {
  test("Vite, ES modules", async () => {
    const root = await copyApp("vite-es");
    await build(viteConfig(root));
    expect(await files(join(root, "out"))).toEqual([expect.stringMatching(BLOB), "main.js", "main.js.map"]);
    const printed = await run<Printed>(join(root, "out/main.js"));
    expect(printed.name).toBe("tone");
    expect(printed.tests.total).toBe(2);
    expect(printed.answers).toHaveLength(2);
    for (const answer of printed.answers) expect(LABELS).toContain(answer);
  });

  test("Rollup, CommonJS, with an external function of the user", async () => {
    const root = await copyApp("rollup-cjs");
    const bundle = await rollup({
      input: join(root, "src/sync.js"),
      external: (id) => id.startsWith("node:"),
      plugins: [rollupPaw({ cache, effort: "draft", types: false })],
    });
    await bundle.write({ dir: join(root, "out"), format: "cjs", entryFileNames: "[name].cjs" });
    const { answers } = await run<Printed>(join(root, "out/sync.cjs"));
    expect(LABELS).toContain(answers[0]);
  });
});

test("another effort is another program, and an unknown one is refused", async () => {
  const root = await copyApp("effort");
  const effort = async (options: Options) => {
    await build(viteConfig(root, "src/main.js", options));
    const asset = (await files(join(root, "out"))).find((path) => BLOB.test(path)) as string;
    return decodeProgram(await readFile(join(root, "out", asset))).compiler.effort;
  };
  expect(await effort({ effort: "draft" })).toBe("draft");
  expect(await effort({ effort: "standard" })).toBe("standard");
  expect(() => vitePaw({ effort: "fast" as "draft" })).toThrow(
    'no effort "fast"; it is one of draft, standard, thorough',
  );
});

test("an import that nothing uses leaves no code and no program", async () => {
  const root = await copyApp("unused");
  await build(viteConfig(root, "src/unused.js"));
  expect(await files(join(root, "out"))).toEqual(["unused.js", "unused.js.map"]);
  expect(await readFile(join(root, "out/unused.js"), "utf8")).not.toContain("@unplugin-paw/runtime");
  await rm(join(root, "out"), { recursive: true });
  await rollupBuild(root, "unused.js", { format: "es" });
  expect(await files(join(root, "out"))).toEqual(["unused.js"]);
  expect(await readFile(join(root, "out/unused.js"), "utf8")).not.toContain("program(");
});

test("a program is in the code where the configuration does not say what is built for Node, as a framework's", async () => {
  const root = await copyApp("framework");
  const framework = {
    name: "framework",
    config: () => ({ build: { ssr: true, rollupOptions: { input: "src/main.js" } } }),
  };
  const { build: _, plugins = [], ...config } = viteConfig(root);
  const built = { outDir: "out", emptyOutDir: true };
  const of = async (more: InlineConfig) => {
    await build({ ...config, build: built, ...more });
    return await files(join(root, "out"));
  };
  expect(await of({ plugins: [framework, plugins] })).toEqual(["main.js"]);
  await rename(join(root, "out/main.js"), join(root, "moved.mjs"));
  const { answers } = await run<Printed>(join(root, "moved.mjs"));
  for (const answer of answers) expect(LABELS).toContain(answer);
  expect(await of({ plugins: [plugins, framework] })).toEqual(["main.js"]);

  const apart = [expect.stringMatching(BLOB), "main.js"];
  const beside = vitePaw({ cache, effort: "draft", inline: false });
  expect(await of({ plugins: [framework, beside] })).toEqual(apart);
  const lib = { entry: join(root, "src/main.js"), formats: ["es" as const], fileName: "main" };
  expect(await of({ plugins, build: { ...built, ssr: true, lib } })).toEqual(["main.js", "tone.weights"]);
});

test("environments that load one spec at the same time compile it once, and the log says so once", async () => {
  const root = await copyApp("environments");
  const [logger, lines] = recorder();
  const environment = (outDir: string) => ({
    consumer: "server" as const,
    build: { outDir, rolldownOptions: { input: join(root, "src/main.js") } },
  });
  const builder = await createBuilder({
    root,
    configFile: false,
    customLogger: logger,
    plugins: [{ ...vitePaw({ cache: join(root, "cache"), effort: "draft", inline: false }), sharedDuringBuild: true }],
    environments: { ssr: environment("out/ssr"), jobs: environment("out/jobs") },
    builder: {
      buildApp: async ({ build, environments }) => {
        await Promise.all(
          Object.values(environments)
            .filter(({ name }) => name !== "client")
            .map(build),
        );
      },
    },
  });
  await builder.buildApp();
  expect(lines.filter((line) => line.startsWith("paw "))).toEqual([
    expect.stringMatching(/^paw tone\.paw {2}compiled \d+\.\d s {2}\d\.\d MB {2}tests \d\/2$/),
  ]);
  for (const name of ["ssr", "jobs"]) {
    expect(await files(join(root, "out", name))).toEqual([expect.stringMatching(BLOB), "main.js"]);
  }
  expect((await run<Printed>(join(root, "out/jobs/main.js"))).answers).toHaveLength(2);
});

test("the map of a bundle leads to the spec's own words, and to nothing else there", async () => {
  const root = await copyApp("map");
  await build(viteConfig(root));
  const code = (await readFile(join(root, "out/main.js"), "utf8")).split("\n");
  const map = JSON.parse(await readFile(join(root, "out/main.js.map"), "utf8"));
  const spec = await readFile(join(root, "src/tone.paw"), "utf8");
  const source = map.sources.find((path: string) => path.endsWith("src/tone.paw"));
  expect(map.sourcesContent[map.sources.indexOf(source)]).toBe(spec);
  const line = code.findIndex((text) => text.includes('"rude"'));
  const entry = new SourceMap(map).findEntry(line, (code[line] as string).indexOf('"rude"'));
  expect(entry).toMatchObject({ originalSource: source, originalLine: 1, originalColumn: "returns: [polite, ".length });
  // The rest of the module is nobody's source: no other line of the spec is in the map.
  const all = code.flatMap((text, line) => [...text].map((_, column) => new SourceMap(map).findEntry(line, column)));
  const lines = all.flatMap((found) =>
    "originalSource" in found && found.originalSource === source ? [found.originalLine] : [],
  );
  expect(new Set(lines)).toEqual(new Set([1]));
});

describe("types", () => {
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

  test.each([
    ["bundler", "esnext"],
    ["nodenext", "nodenext"],
  ])("tsc takes the declarations under %s", async (moduleResolution, module) => {
    const root = await copyApp(`types-${moduleResolution}`);
    await build(viteConfig(root));
    expect(await files(join(root, ".paw/types"))).toEqual([".gitignore", "src/tone.d.paw.ts", "src/tone.d.paw.ts.map"]);
    const compilerOptions = {
      ...{ module, moduleResolution, target: "es2023", strict: true, noEmit: true, skipLibCheck: true, types: [] },
      ...{ allowArbitraryExtensions: true, rootDirs: [".", "./.paw/types"] },
    };
    await writeFile(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["src/types.ts"] }));
    const checked = promisify(execFile)(process.execPath, [tsc, "-p", root]);
    await expect(checked).resolves.toMatchObject({ stdout: "" });
  });

  test("the fallback serves a clone that has no declarations yet", async () => {
    const root = await copyApp("types-fallback");
    await writeFile(
      join(root, "src/fallback.ts"),
      'import tone from "./tone.paw";\nawait tone("Hello");\ntone.meta.name;\n',
    );
    const compilerOptions = {
      ...{ module: "esnext", moduleResolution: "bundler", target: "es2023", strict: true, noEmit: true },
      ...{ skipLibCheck: true, types: ["unplugin-paw/client"] },
    };
    await writeFile(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["src/fallback.ts"] }));
    await expect(promisify(execFile)(process.execPath, [tsc, "-p", root])).resolves.toMatchObject({ stdout: "" });
  });
});

describe("a spec with an error", () => {
  const place = { line: 2, column: 1 };

  test("fails the Vite build with place, frame and hint", async () => {
    const root = await copyApp("error-vite");
    await writeFile(join(root, "src/tone.paw"), BROKEN);
    const error = await build(viteConfig(root)).then(
      () => expect.unreachable(),
      (error: Error & { errors?: RollupError[] }) => error,
    );
    expect(error.message).toMatch(/src\/tone\.paw:2:1: .*return/);
    expect(error.message).toContain("> 2 | return: [polite, rude]");
    expect(error.message).toContain('hint: Did you mean "returns"?');
    expect(error.errors?.[0]).toMatchObject({ loc: place, plugin: "unplugin-paw" });
  });

  test("fails the Rollup build with place, frame and hint", async () => {
    const root = await copyApp("error-rollup");
    await writeFile(join(root, "src/tone.paw"), BROKEN);
    const error = await rollupBuild(root, "main.js", {}).then(
      () => expect.unreachable(),
      (error: RollupError) => error,
    );
    expect(error.message).toMatch(/src\/tone\.paw:2:1: /);
    expect(error.message).toContain('hint: Did you mean "returns"?');
    expect(error.frame).toContain("> 2 | return: [polite, rude]");
    expect(error).toMatchObject({ id: join(root, "src/tone.paw"), loc: place, plugin: "unplugin-paw" });
  });

  test("keeps the dev server up, and the fix is served", async () => {
    const root = await copyApp("error-dev");
    await writeFile(join(root, "src/tone.paw"), BROKEN);
    const server = await devServer(root, { cache, effort: "draft" });
    try {
      const error = await server.ask("call", "/src/tone.paw", "Thank you").then(
        () => expect.unreachable(),
        (error: RollupError) => error,
      );
      expect(error.message).toMatch(/src\/tone\.paw:2:1: /);
      expect(error).toMatchObject({ id: join(root, "src/tone.paw"), loc: place, plugin: "unplugin-paw" });
      expect(error.frame).toContain("> 2 | return: [polite, rude]");
      await writeFile(join(root, "src/tone.paw"), await readFile(join(temporary, "warm/src/tone.paw")));
      const { meta, answer } = await vi.waitFor(() => server.ask("call", "/src/tone.paw", "Thank you"), 60_000);
      expect(meta.name).toBe("tone");
      expect(LABELS).toContain(answer);
    } finally {
      server.close();
    }
  });

  test("that the accuracy gate found lists the tests that failed", async () => {
    const root = await copyApp("error-accuracy");
    const path = join(root, "src/tone.paw");
    const text = await readFile(path, "utf8");
    const gated = text
      .replace("---\nSay", "accuracy: 1\n---\nSay")
      .replace("Many thanks for the quick reply => polite", "You fool, get lost => polite");
    await writeFile(path, gated);
    const error = await rollupBuild(root, "main.js", {}).then(
      () => expect.unreachable(),
      (error: RollupError) => error,
    );
    expect(error).toMatchObject({ id: path, loc: { file: path }, plugin: "unplugin-paw" });
    expect(error.message).toMatch(/tone\.paw:\d+:\d+: .*tests pass/);
    expect(error.message).toMatch(/tone\.paw:13:\d+: You fool, get lost\n +expected polite, got rude/);
    expect(error.message).toContain("hint: ");
  });
});

describe("watching", () => {
  /** Edits the spec's instructions, then its data file. */
  async function edit(root: string, rebuilt: () => Promise<unknown>): Promise<void> {
    const spec = join(root, "src/tone.paw");
    await writeFile(spec, (await readFile(spec, "utf8")).replace("Say whether", "Decide whether"));
    await rebuilt();
    const data = join(root, "src/tone.csv");
    await writeFile(data, `${await readFile(data, "utf8")}"Much obliged, dear colleague",polite\n`);
    await rebuilt();
  }

  /** Edits a watched app; checks what the two builds after the first one wrote. */
  async function editAndCheck(root: string, watcher: RollupWatcher): Promise<void> {
    try {
      const built = () =>
        new Promise<void>((resolve, reject) => {
          watcher.on("event", (event) => {
            if (event.code === "ERROR") reject(event.error);
            if ("result" in event) void event.result?.close();
            if (event.code === "END") resolve();
          });
        });
      await built();
      const outputs: string[] = [];
      await edit(root, async () => {
        await built();
        outputs.push(await readFile(join(root, "out/main.js"), "utf8"));
      });
      expect(outputs[0]).toMatch(/"?total"?: ?2/);
      expect(outputs[1]).toMatch(/"?total"?: ?3/);
      const asset = (output: string | undefined) => output?.match(/tone-[\w-]+\.weights/)?.[0];
      expect(asset(outputs[0])).not.toBe(asset(outputs[1]));
    } finally {
      await watcher.close();
    }
  }

  test("Rollup builds again after an edit of the spec, and of a data file", async () => {
    const root = await copyApp("watch-rollup");
    const plugins = [rollupPaw({ cache, effort: "draft", types: false })];
    const output = { dir: join(root, "out") };
    await editAndCheck(root, watch({ input: join(root, "src/main.js"), plugins, onLog: () => {}, output }));
  });

  test("a Vite build does, too", async () => {
    const root = await copyApp("watch-vite");
    const config = viteConfig(root);
    const watcher = await build({ ...config, build: { ...config.build, watch: {} } });
    await editAndCheck(root, watcher as unknown as RollupWatcher);
  });

  test("the Vite dev server loads again after an edit of the spec, and of a data file", async () => {
    const root = await copyApp("watch-dev");
    const server = await devServer(root, { cache, effort: "draft" });
    try {
      const total = async () => (await server.ask("call", "/src/tone.paw", "Thank you")).meta.tests.total;
      expect(await total()).toBe(2);
      let edits = 0;
      await edit(root, async () => {
        edits++;
        // Editors need no request to see the change.
        const types = await vi.waitFor(async () => {
          const text = await readFile(join(root, ".paw/types/src/tone.d.paw.ts"), "utf8");
          expect(text).toContain("Decide whether");
          return text;
        }, 60_000);
        expect(types).not.toContain("Say whether");
        await vi.waitFor(async () => expect(await total()).toBe(1 + edits), 60_000);
      });
    } finally {
      server.close();
    }
  });
});

describe("a cache that cannot be written", () => {
  // (The tests may run as root, whom permissions do not stop: a file where a folder should be stops everybody.)
  const unwritable = join(temporary, "warm/package.json/cache");

  test("does not fail the build", async () => {
    const root = await copyApp("unwritable-build");
    await build(viteConfig(root, "src/main.js", { cache: unwritable }));
    expect((await run<Printed>(join(root, "out/main.js"))).answers).toHaveLength(2);
  });

  test("does not fail the dev server, whose programs live in another folder", async () => {
    const root = await copyApp("unwritable-dev");
    const server = await devServer(root, { cache: unwritable, effort: "draft" });
    try {
      const { code } = await server.ask("serverCode", "/src/tone.paw");
      expect(code).toMatch(/new URL\("file:[^"]*\/unplugin-paw[^"]*\.weights"\)/);
      expect(LABELS).toContain((await server.ask("call", "/src/tone.paw", "Thank you")).answer);
    } finally {
      server.close();
    }
  });
});

test("other bundlers are refused", async () => {
  const { default: paw } = await import("unplugin-paw");
  expect(() => paw.raw(undefined, { framework: "bun" } as never)).toThrow(/no plugin for bun; it has for vite, rollup/);
});

/** A logger that keeps what it is told. */
function recorder(): [Logger, string[]] {
  const lines: string[] = [];
  const logger = createLogger("info");
  logger.info = (line) => {
    lines.push(line);
  };
  return [logger, lines];
}
