import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { compile } from "@unplugin-paw/compiler";
import { openInterpreter } from "@unplugin-paw/interpreter";
import { interpreterAssets } from "@unplugin-paw/interpreter/assets";
import { decodeProgram } from "@unplugin-paw/program";
import { runtimeAssets } from "@unplugin-paw/runtime/assets";
import { readSpec, type Spec } from "@unplugin-paw/spec";
import type { Browser } from "playwright-core";
import type { Options } from "unplugin-paw";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Configuration, Stats } from "webpack";
import { appsOf, files, fixtures } from "../apps.ts";
import { run } from "../plugin-helpers/app.ts";
import { type Answers, answersInNode, copyApp, options, removeApps } from "../web/app.ts";
import { browserPath, launch, openPage } from "../web/browser.ts";
import { serve } from "../web/server.ts";
import { bundle, compilerOf, configure, type Kind, messages } from "./webpack-like.ts";

type Output = NonNullable<Configuration["output"]>;

const workspace = fileURLToPath(new URL("../..", import.meta.url));
const ownPackages = fileURLToPath(new URL("./build-with-own-packages.js", import.meta.url));
const nothing = { errors: [], warnings: [] };
/** A spec that reads a data file; its program as the fixture has it lies in `app.cache`. */
const app = appsOf("app");
/** The interpreter's files would only take time where they are not looked at. */
const elsewhere: Options = { ...options, interpreter: { url: "https://cdn.example/paw/" } };

let browser: Browser;
let expected: Omit<Answers, "isolated">;

beforeAll(async () => {
  expected = await answersInNode(); // compiles the specs; the builds find them in the cache
  const { spec } = readSpec(join(fixtures, "app/src/tone.paw"));
  await compile(spec as Spec, { cache: app.cache, effort: "draft" });
  if (browserPath) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await removeApps();
  await app.removeApps();
});

describe.each<Kind>(["webpack", "rspack"])("%s", (kind) => {
  /** A copy of the app with an entry of its own. */
  async function appWith(name: string, code: string): Promise<string> {
    const root = await copyApp(`${kind}-${name}`);
    await writeFile(join(root, "src/entry.js"), code);
    return root;
  }

  const module: Output = { module: true, filename: "[name].mjs", chunkFilename: "[name].mjs" };
  const folders = (extension: string) => ({
    filename: `bin/[name].${extension}`,
    chunkFilename: `deep/[name].${extension}`,
  });

  test.each<[string, Output]>([
    ["CommonJS", {}],
    ["CommonJS in folders, with the public path of a site", { ...folders("cjs"), publicPath: "/static/" }],
    ["ES modules", module],
    ["ES modules in folders", { ...module, ...folders("mjs"), assetModuleFilename: "assets/[name].[hash][ext]" }],
  ])("a build for Node runs from another folder: %s", async (name, output) => {
    const root = await copyApp(`${kind}-node-${name.replace(/\W+/g, "-")}`);
    expect(await bundle(kind, options, configure(root, "./src/node.js", { target: "node", output }))).toEqual({
      ...nothing,
      log: [],
    });
    const out = join(root, "out");
    const [main] = (await files(out)).filter((file) => /(^|\/)main\./.test(file)) as [string];
    expect(await run<Answers>(join(out, main))).toMatchObject(expected);
  });

  test("code that requires a spec", async () => {
    const root = await copyApp(`${kind}-require`);
    await writeFile(join(root, "package.json"), '{ "type": "commonjs" }');
    await writeFile(
      join(root, "src/entry.js"),
      'const { default: tone, meta } = require("./tone.paw");\ntone("You idiot, get lost").then((answer) => console.log(JSON.stringify([meta.name, answer])));\n',
    );
    expect(await bundle(kind, options, configure(root, "./src/entry.js", { target: "node" }))).toMatchObject(nothing);
    expect(await run(join(root, "out/main.cjs"))).toEqual(["tone", "rude"]);
  });

  test.each([
    ["", "https://site.example/page/"],
    ["auto", "https://site.example/app/"],
    ["/", "https://site.example/"],
    ["/sub/", "https://site.example/sub/"],
    ["https://cdn.example/app/", "https://cdn.example/app/"],
  ])("all URLs of a page are of files that are there: public path %j", async (publicPath, folder) => {
    const root = await appWith(
      `path-${publicPath.replace(/\W+/g, "-")}`,
      'import tone from "./tone.paw";\nimport topic from "./topic.paw";\ntone("Hello").catch(() => {});\ntopic("Hello").catch(() => {});\n',
    );
    const output = { publicPath, filename: "[name].js" };
    expect(await bundle(kind, elsewhere, configure(root, "./src/entry.js", { target: "web", output }))).toMatchObject(
      nothing,
    );
    const out = join(root, "out");
    const urls = await urlsOf(await readFile(join(out, "main.js"), "utf8"), {
      page: "https://site.example/page/",
      script: "https://site.example/app/main.js",
    });
    const local = urls.filter((url) => !url.startsWith("https://cdn.example/paw/"));
    expect(local).toHaveLength(4); // the worker, the wasm and two programs
    for (const url of local) expect(url.startsWith(folder)).toBe(true);
    const emitted = (await files(out)).filter((file) => file !== "main.js");
    expect(local.map((url) => url.slice(folder.length)).sort()).toEqual(emitted);
  });

  test("a page and its worker answer in chromium, whatever the loaders and rules of the app", async () => {
    const root = await copyApp(`${kind}-page`);
    const spoil = join(root, "spoil.cjs");
    await writeFile(spoil, "module.exports = (source) => '/*! spoilt */' + source;\n");
    const rules: NonNullable<Configuration["module"]> = {
      rules: [
        { test: /\.js$/, use: spoil },
        { test: /\.js$/, enforce: "post", use: spoil },
        { test: /\.wasm$/, type: "webassembly/async" },
        { test: /\.json$/, type: "json" },
        { test: /\.(weights|onnx|data)$/, type: "asset/inline" },
        { exclude: /\.(js|html|json)$/, type: "asset/resource" },
      ],
    };
    const output = {
      filename: "[name].js",
      chunkFilename: "[name].js",
      assetModuleFilename: "assets/[name].[contenthash:8][ext]",
    };
    const config = configure(root, "./src/starts-worker.js", { target: ["web", "es2022"], module: rules, output });
    expect(await bundle(kind, options, config)).toEqual({ ...nothing, log: [] });

    const out = join(root, "out");
    const emitted = await files(out);
    const { files: interpreter } = await interpreterAssets(await openInterpreter());
    const own = [...Object.values(runtimeAssets()), interpreter.model, interpreter.tokenizer, ...interpreter.parts];
    const digests = await Promise.all(own.map(digestOf));
    const assets = emitted.filter((file) => file.startsWith("assets/") && !file.endsWith(".weights"));
    expect((await Promise.all(assets.map((file) => digestOf(join(out, file))))).sort()).toEqual(digests.sort());
    expect(emitted.filter((file) => file.endsWith(".weights"))).toHaveLength(2);
    if (browserPath) await visit(out);
  });

  test("an import that nothing uses leaves nothing, and its metadata alone leaves no program", async () => {
    const root = await appWith("unused", 'import { meta } from "./tone.paw";\nglobalThis.name = meta.name;\n');
    for (const target of ["web", "node"]) {
      const build = async (entry: string, mode: "production" | "development") => {
        expect(await bundle(kind, options, configure(root, entry, { mode, target, devtool: false }))).toMatchObject(
          nothing,
        );
        expect(await files(join(root, "out"))).toEqual(["main.cjs"]);
      };
      await build("./src/unused.js", "production");
      await build("./src/unused.js", "development");
      await build("./src/entry.js", "production"); // (development does not look into modules)
    }
  });

  test("two compilers with one instance of the plugin each get their form, and compile once", async () => {
    const root = await copyApp(`${kind}-both`);
    const of = (target: string, entry: string) =>
      configure(root, entry, { name: target, target, output: { path: join(root, target) } });
    const own = { ...elsewhere, cache: join(root, "cache") };
    const { log, ...said } = await bundle(kind, own, of("web", "./src/main.js"), of("node", "./src/node.js"));
    expect(said).toEqual(nothing);
    const compiled = log.filter((line) => line.includes("compiled"));
    expect(compiled).toHaveLength(2); // two specs
    for (const line of compiled)
      expect(line).toMatch(/^<i> \[unplugin-paw\] paw to\w+\.paw {2}compiled \d+\.\d s {2}\d\.\d MB$/);
    expect(await run<Answers>(join(root, "node/main.cjs"))).toMatchObject(expected);
    expect((await files(join(root, "node"))).filter((file) => /\.(js|wasm)$/.test(file))).toEqual([]);
    expect((await files(join(root, "web"))).filter((file) => /\.(js|wasm|weights)$/.test(file))).toHaveLength(4);
  });

  describe("with a persistent cache", () => {
    const persistent = (kind === "webpack" ? { type: "filesystem" } : { type: "persistent" }) as NonNullable<
      Configuration["cache"]
    >;
    const entry =
      'import tone, { meta } from "./tone.paw";\ntone("Get out of my way, moron").then((answer) => console.log(JSON.stringify({ answer, tests: meta.tests.total })));\n';

    /** An app whose spec reads a data file; gives what each build says and what its output prints. */
    async function project(name: string, more: Options = {}) {
      const root = await app.copyApp(`${kind}-${name}`);
      const src = (file: string) => join(root, "src", file);
      const own = join(root, "programs");
      await cp(app.cache, own, { recursive: true });
      await writeFile(src("entry.js"), entry);
      const build = async (options: Options = {}) => {
        const config = configure(root, "./src/entry.js", { target: "node", cache: persistent });
        const { log, ...said } = await bundle(
          kind,
          { cache: own, effort: "draft", types: false, ...more, ...options },
          config,
        );
        return { ...said, compiled: log.filter((line) => line.includes("compiled")).length };
      };
      const edit = async (file: string, change: (text: string) => string) =>
        await writeFile(src(file), change(await readFile(src(file), "utf8")));
      const output = async () => await run<{ answer: string; tests: number }>(join(root, "out/main.cjs"));
      return { root, own, build, edit, output };
    }

    test("a second build has its assets; edits of the spec and of its data file are seen", async () => {
      const { root, build, edit, output } = await project("cache-edits");
      await build();
      const first = await files(join(root, "out"));
      expect(first).toEqual([expect.stringMatching(/^\w+\.weights$/), "main.cjs"]);
      expect(await build()).toEqual({ ...nothing, compiled: 0 });
      expect(await files(join(root, "out"))).toEqual(first);
      expect(await output()).toEqual({ answer: "rude", tests: 2 });

      await edit("tone.paw", (text) => text.replace("Say whether", "Decide whether"));
      expect(await build()).toEqual({ ...nothing, compiled: 1 });
      expect(await files(join(root, "out"))).not.toEqual(first);

      await edit("tone.csv", (text) => `${text}"Much obliged, dear colleague",polite\n`);
      expect(await build()).toEqual({ ...nothing, compiled: 1 });
      expect((await output()).tests).toBe(3);
    });

    test("the folder of compiled programs was deleted between two builds", async () => {
      const { own, build, output } = await project("cache-deleted");
      await build();
      await rm(own, { recursive: true });
      expect(await build()).toEqual({ ...nothing, compiled: 1 });
      expect((await output()).answer).toBe("rude");
      await build();
      expect(await build()).toEqual({ ...nothing, compiled: 0 });
      expect((await output()).answer).toBe("rude");
    });

    test("the program was in no cache, and the system's folder for temporary files was emptied", async () => {
      const { root, build, output } = await project("cache-temporary", { cache: false });
      vi.stubEnv("TMPDIR", join(root, "temporary"));
      try {
        await mkdir(join(root, "temporary"));
        await build();
        await rm(join(root, "temporary"), { recursive: true });
        await mkdir(join(root, "temporary"));
        expect(await build()).toEqual({ ...nothing, compiled: 1 });
        expect((await output()).answer).toBe("rude");
      } finally {
        vi.unstubAllEnvs();
      }
    });

    test("another option, and another target, make the modules anew", async () => {
      const root = await copyApp(`${kind}-cache-options`);
      const build = async (target: string, options: Options) =>
        await bundle(kind, options, configure(root, "./src/main.js", { target, cache: persistent }));
      const assets = async () => (await files(join(root, "out"))).filter((file) => !file.endsWith(".cjs")).length;
      expect(await build("node", elsewhere)).toMatchObject(nothing);
      expect(await assets()).toBe(2);
      expect(await build("web", elsewhere)).toMatchObject(nothing);
      expect(await assets()).toBe(4);
      expect(await build("web", { ...elsewhere, interpreter: { url: "https://other.example/" } })).toMatchObject(
        nothing,
      );
      expect(await readFile(join(root, "out/main.cjs"), "utf8")).toContain("https://other.example/");
      expect(await build("node", elsewhere)).toMatchObject(nothing);
      expect(await assets()).toBe(2);
    });

    test("another version of the compiler makes the program anew", async () => {
      const root = await app.copyApp(`${kind}-cache-version`);
      const packages = join(root, "node_modules");
      for (const name of ["compiler", "graph", "interpreter", "program", "runtime", "spec", "unplugin-paw"]) {
        const to = join(packages, name === "unplugin-paw" ? name : `@unplugin-paw/${name}`);
        for (const part of ["dist", "delta", "package.json", "interpreter.js", "node_modules"]) {
          await cp(join(workspace, "packages", name, part), join(to, part), { recursive: true }).catch(() => {});
        }
      }
      const version = async () => {
        await promisify(execFile)(process.execPath, [ownPackages, kind, root]);
        const [name] = (await files(join(root, "out"))).filter((file) => file.endsWith(".weights")) as [string];
        return decodeProgram(await readFile(join(root, "out", name))).compiler.version;
      };
      const now = await version();
      expect(await version()).toBe(now);
      const compiler = join(packages, "@unplugin-paw/compiler");
      for (const file of (await files(compiler)).filter((file) => !file.startsWith("delta"))) {
        const text = await readFile(join(compiler, file), "utf8");
        await writeFile(join(compiler, file), text.replaceAll(`"${now}"`, '"0.0.99"'));
      }
      expect(await version()).toBe("0.0.99");
    });

    test("an error is not kept", async () => {
      const { own, build, output } = await project("cache-error");
      await cp(own, `${own}.old`, { recursive: true });
      await rm(own, { recursive: true });
      expect((await build({ frozen: true })).errors).toHaveLength(1);
      await cp(`${own}.old`, own, { recursive: true });
      expect(await build({ frozen: true })).toEqual({ ...nothing, compiled: 0 });
      expect((await output()).answer).toBe("rude");
    });
  });

  test("an error has place, hint and frame, and nothing else is complained of", async () => {
    const root = await copyApp(`${kind}-error`);
    await writeFile(join(root, "src/tone.paw"), "---\nreturn: [polite, rude]\n---\nSay whether it is polite.\n");
    const { errors, warnings } = await bundle(kind, options, configure(root, "./src/node.js", { target: "node" }));
    expect(warnings).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/src\/tone\.paw:2:1: .*return/);
    expect(errors[0]).toContain('hint: Did you mean "returns"?');
    expect(errors[0]).toContain("> 2 | return: [polite, rude]");
  });

  test("a target that could be both is an error that says so", async () => {
    const root = await copyApp(`${kind}-universal`);
    const config = configure(root, "./src/main.js", { target: ["web", "node"], output: { module: true } });
    const { errors } = await bundle(kind, options, config);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      /The target \["web","node"\] does not say .*\n.*hint: Set `target` to "web" or to "node"/,
    );
  });

  test("where the bundler's log is silent, so is the plugin", async () => {
    const root = await app.copyApp(`${kind}-log`);
    const config = configure(root, "./src/sync.js", { target: "node", infrastructureLogging: { level: "error" } });
    expect(await bundle(kind, { cache: join(root, "programs"), effort: "draft", types: false }, config)).toEqual({
      ...nothing,
      log: [],
    });
  });

  test("watching builds again after an error, and after edits of the spec and of its data file", async () => {
    const root = await app.copyApp(`${kind}-watch`);
    const spec = join(root, "src/tone.paw");
    const text = await readFile(spec, "utf8");
    await writeFile(spec, text.replace("returns:", "return:"));
    const config = configure(root, "./src/main.js", {
      mode: "development",
      devtool: false,
      target: "node",
      output: module,
    });
    const compiler = compilerOf(kind, { cache: join(root, "programs"), effort: "draft", types: false }, [config]);
    let stats: Stats | undefined;
    const watching = compiler.watch({ aggregateTimeout: 20 }, (_error, built) => {
      stats = built;
    });
    const seen = async (what: (said: { errors: string[]; code: string }) => boolean) =>
      await vi.waitFor(
        async () => {
          if (!stats) throw new Error("nothing is built yet");
          const code = await readFile(join(root, "out/main.mjs"), "utf8").catch(() => "");
          const said = { errors: messages(stats).errors, code };
          if (!what(said)) throw new Error(`not seen: ${said.errors.join("\n")}`);
        },
        { timeout: 60_000, interval: 50 },
      );
    try {
      await seen(({ errors }) => errors.length === 1);
      await writeFile(spec, text);
      await seen(({ errors, code }) => errors.length === 0 && code.includes('"total":2'));
      await writeFile(spec, text.replace("Say whether", "Decide whether"));
      await seen(({ code }) => code.includes("Decide whether"));
      await writeFile(
        join(root, "src/tone.csv"),
        `${await readFile(join(root, "src/tone.csv"), "utf8")}Much obliged,polite\n`,
      );
      await seen(({ code }) => code.includes('"total":3'));
    } finally {
      await new Promise((resolve) => watching?.close(resolve));
    }
    expect(await run(join(root, "out/main.mjs"))).toMatchObject({ name: "tone", tests: { total: 3 } });
  });
});

test("webpack: a public path that would lead Node astray is an error that says so", async () => {
  const root = await copyApp("webpack-module-path");
  const output = { module: true, filename: "[name].mjs", publicPath: "/static/" };
  const { errors } = await bundle("webpack", options, configure(root, "./src/node.js", { target: "node", output }));
  expect(errors[0]).toMatch(/look for the program below \/static\/.*\n.*hint: .*leave `output\.publicPath` out/);
});

async function digestOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

/** All URLs that a page's script gives to the worker which it starts, beside the worker's own. */
async function urlsOf(code: string, { page, script }: { page: string; script: string }): Promise<string[]> {
  const found = new Set<string>();
  const note = (value: unknown): void => {
    if (typeof value === "string" && value.startsWith("https://")) found.add(value);
    else if (typeof value === "object" && value) Object.values(value).forEach(note);
  };
  class Worker {
    constructor(url: string) {
      note(url);
    }
    postMessage(message: unknown) {
      note(message);
    }
  }
  // A worker of another origin is fetched and started from its bytes.
  const fetch = async (url: string) => {
    note(url);
    return new Response("");
  };
  const document = { baseURI: page, currentScript: { tagName: "SCRIPT", src: script } };
  const location = new URL(page);
  runInNewContext(code, { document, location, self: { location, document }, URL, Blob, fetch, Worker, console });
  await vi.waitFor(() => expect([...found].filter((url) => url.endsWith(".weights"))).toHaveLength(2), 60_000);
  return [...found];
}

/** Opens the page in chromium; it answers as Node does, and the browser found all that was emitted. */
async function visit(out: string): Promise<void> {
  const script = '<!doctype html><link rel="icon" href="data:,"><script defer src="/sub/main.js"></script>';
  await writeFile(join(out, "index.html"), script);
  const server = await serve(out, "/sub/");
  const { page, context, problems, requested } = await openPage(browser);
  try {
    await page.goto(`${server.origin}/sub/`);
    await page.waitForFunction(() => "answers" in globalThis);
    const answers = await page.evaluate(() => (globalThis as unknown as { answers: Promise<Answers> }).answers);
    expect(problems).toEqual([]);
    expect(answers.plain).toBe(expected.plain);
    for (const name of ["tone", "topic"] as const) {
      expect(answers[name].label).toBe(expected[name].label);
      expect(answers[name].probability).toBeCloseTo(expected[name].probability, 1);
    }
    const emitted = (await files(out)).filter((file) => !/\.(html|txt)$/.test(file));
    expect(emitted.filter((file) => !requested.includes(`/sub/${file}`))).toEqual([]);
  } finally {
    await context.close();
    await server.close();
  }
}
