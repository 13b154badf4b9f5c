import { execFile } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import vitePaw, { type Options } from "unplugin-paw/vite";
import { build, createBuilder, createLogger, createServer, type InlineConfig } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { files } from "../apps.ts";
import { type Answers, answersInNode, copyApp, options, removeApps } from "./app.ts";
import { browserPath, launch, openPage } from "./browser.ts";
import { isolation, serve } from "./server.ts";

/** What a build for browsers must have, once each, however many specs there are. */
const INTERPRETER = [
  /paw-run(-[\w-]{8})?\.onnx$/,
  /paw-run\.1(-[\w-]{8})?\.data$/,
  /paw-tokenizer(-[\w-]{8})?\.json$/,
  /paw-worker(-[\w-]{8})?\.js$/,
  /ort-wasm-simd-threaded(-[\w-]{8})?\.wasm$/,
];
const PROGRAMS = [/tone(-[\w-]{8})?\.weights$/, /topic(-[\w-]{8})?\.weights$/];

let browser: Browser;
let expected: Omit<Answers, "isolated">;

function viteConfig(root: string, config: InlineConfig = {}, more: Options = {}): InlineConfig {
  const plugins = [vitePaw({ ...options, ...more })];
  return { root, configFile: false, logLevel: "silent", plugins, ...config };
}

beforeAll(async () => {
  expected = await answersInNode();
  if (browserPath) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await removeApps();
});

/**
 * Opens a page that keeps its answers in `globalThis.answers`; nothing may go wrong, and the answers must be those of
 * Node.
 */
async function visit(url: string): Promise<{ answers: Answers; requested: string[] }> {
  const { page, context, problems, requested } = await openPage(browser);
  try {
    await page.goto(url);
    const waiting = page.waitForFunction(() => "answers" in globalThis, undefined, { timeout: 30_000 });
    const answers = await waiting
      .then(() => page.evaluate(() => (globalThis as unknown as { answers: Promise<Answers> }).answers))
      .catch((error) => expect.unreachable(`${error.message}\n${problems.join("\n")}`));
    expect(problems).toEqual([]);
    for (const name of ["tone", "topic"] as const) {
      expect(answers[name].label).toBe(expected[name].label);
      for (const [label, probability] of Object.entries(expected[name].probabilities)) {
        expect(Math.abs((answers[name].probabilities[label] as number) - probability)).toBeLessThan(0.02);
      }
    }
    expect(answers.plain).toBe(expected.plain);
    return { answers, requested };
  } finally {
    await context.close();
  }
}

/** Each of the interpreter's files and each program once, and the browser asked for all that was emitted. */
async function checkAssets(folder: string, requested: readonly string[]): Promise<void> {
  const emitted = (await files(folder)).filter((file) => !file.endsWith(".html"));
  for (const pattern of [...INTERPRETER, ...PROGRAMS]) {
    expect(emitted.filter((file) => pattern.test(file))).toHaveLength(1);
  }
  const missing = emitted.filter((file) => !requested.some((path) => path.endsWith(`/${file}`)));
  expect(missing).toEqual([]);
}

describe.skipIf(!browserPath)("a Vite build answers in chromium as in Node", () => {
  test.each([
    ["/", "/"],
    ["./", "/some/where/"],
  ])("with base %s, served at %s", async (base, path) => {
    const root = await copyApp(`base-${base.replace(/\W+/g, "-")}`);
    await build(viteConfig(root, { base }));
    const server = await serve(join(root, "dist"), path);
    try {
      const { answers, requested } = await visit(`${server.origin}${path}`);
      expect(answers.isolated).toBe(false);
      await checkAssets(join(root, "dist"), requested);
    } finally {
      await server.close();
    }
  });

  test("isolated, with threads", async () => {
    const root = await copyApp("isolated");
    await build(viteConfig(root));
    const server = await serve(join(root, "dist"), "/", isolation);
    try {
      expect((await visit(`${server.origin}/`)).answers.isolated).toBe(true);
    } finally {
      await server.close();
    }
  });

  test("with all assets on another origin", async () => {
    const root = await copyApp("cdn");
    const dist = join(root, "dist");
    const cross = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };
    const cdn = await serve(dist, "/app/v1/", { ...cross, ...isolation });
    const site = await serve(dist, "/", isolation);
    try {
      await build(viteConfig(root, { base: `${cdn.origin}/app/v1/` }));
      // The site itself has only the page.
      const html = await readFile(join(dist, "index.html"), "utf8");
      expect(html).toContain(`${cdn.origin}/app/v1/assets/`);
      const { requested } = await visit(`${site.origin}/`);
      await checkAssets(dist, requested);
      expect(requested.filter((path) => !path.startsWith("/app/v1/"))).toEqual(["/"]);
    } finally {
      await Promise.all([cdn.close(), site.close()]);
    }
  });

  test("with the interpreter alone on a CDN", async () => {
    const root = await copyApp("interpreter-url");
    const cdn = await serve(join(root, "cdn"), "/paw/", { "Access-Control-Allow-Origin": "*" });
    const url = `${cdn.origin}/paw/`;
    const logged: string[] = [];
    const customLogger = createLogger("info");
    customLogger.info = (line) => void logged.push(line);
    try {
      await build(viteConfig(root, { customLogger, logLevel: "info" }, { interpreter: { url } }));
      // The log says which files belong there.
      const line = logged.find((line) => line.includes(`expected below ${url}: `)) as string;
      for (const path of (line.split(`${url}: `)[1] as string).split(", ")) {
        await cp(path, join(root, "cdn", basename(path)));
      }
      const server = await serve(join(root, "dist"));
      try {
        await visit(`${server.origin}/`);
      } finally {
        await server.close();
      }
      const emitted = await files(join(root, "dist"));
      expect(emitted.filter((file) => /paw-run|tokenizer/.test(file))).toEqual([]);
      expect(emitted.filter((file) => /paw-worker|\.wasm$|\.weights$/.test(file))).toHaveLength(4);
    } finally {
      await cdn.close();
    }
  });

  test("in a worker of the user's that is a classic script", async () => {
    const root = await copyApp("worker");
    await useEntry(root, "starts-worker.js");
    await build(viteConfig(root, { base: "./", worker: { format: "iife" } }));
    const server = await serve(join(root, "dist"), "/deep/er/");
    try {
      const { requested } = await visit(`${server.origin}/deep/er/`);
      await checkAssets(join(root, "dist"), requested);
    } finally {
      await server.close();
    }
  });
});

describe.skipIf(!browserPath)("Vite in development answers in chromium as in Node", () => {
  test("isolated, below a base", async () => {
    const root = await copyApp("dev");
    const server = { port: 0, host: "127.0.0.1", headers: isolation };
    const vite = await createServer(viteConfig(root, { base: "/sub/", server }));
    try {
      await vite.listen();
      const { answers, requested } = await visit(vite.resolvedUrls?.local[0] as string);
      expect(answers.isolated).toBe(true);
      for (const pattern of [...INTERPRETER, ...PROGRAMS]) {
        expect(new Set(requested.filter((path) => pattern.test(path))).size).toBe(1);
      }
    } finally {
      await vite.close();
    }
  });
});

test("an app with server code gets both forms from one plugin: the server's has no interpreter", async () => {
  const root = await copyApp("ssr");
  const config = viteConfig(root, { environments: { ssr: { build: { outDir: "server", ssr: "src/ask.js" } } } });
  const builder = await createBuilder({ ...config, builder: { sharedPlugins: true } });
  await builder.buildApp();
  const server = await files(join(root, "server"));
  const chunk = /topic-[\w-]{8}\.js$/; // it is imported lazily
  const patterns = [/^ask\.js$/, PROGRAMS[0] as RegExp, chunk, PROGRAMS[1] as RegExp];
  // (In which order depends on their hashes.)
  expect(server).toHaveLength(patterns.length);
  for (const pattern of patterns) expect(server).toContainEqual(expect.stringMatching(pattern));
  const client = await files(join(root, "dist"));
  for (const pattern of [...INTERPRETER, ...PROGRAMS]) {
    expect(client.filter((file) => pattern.test(file))).toHaveLength(1);
  }
  expect(await readFile(join(root, "server/ask.js"), "utf8")).toContain('from "@unplugin-paw/runtime"');
});

test("Vitest loads modules for a page, but runs them in Node: they get the form for Node", async () => {
  const root = await copyApp("vitest");
  const run = promisify(execFile);
  await writeFile(
    join(root, "page.js"),
    'export default { name: "page", viteEnvironment: "client", setup: () => ({ teardown() {} }) };\n',
  );
  await writeFile(
    join(root, "vitest.config.js"),
    `import paw from "unplugin-paw/vite";\nexport default { plugins: [paw(${JSON.stringify(options)})], test: { environment: "./page.js" } };\n`,
  );
  await writeFile(
    join(root, "src/tone.test.js"),
    [
      'import { expect, test } from "vitest";',
      'import tone from "./tone.paw";',
      `test("tone", async () => expect(await tone("Many thanks for your kind help")).toBe(${JSON.stringify(expected.plain)}), 60000);`,
    ].join("\n"),
  );
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  const { VITEST: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, [vitest, "run", "--root", root], { cwd: root, env });
  expect(stdout).toMatch(/Tests .*1 passed/);
});

test("an interpreter URL that is none is refused", () => {
  expect(() => vitePaw({ interpreter: { url: "http://" } })).toThrow('interpreter.url is "http://"; it must be a URL');
});

async function useEntry(root: string, entry: string): Promise<void> {
  const page = join(root, "index.html");
  await writeFile(page, (await readFile(page, "utf8")).replace("main.js", entry));
  if (entry !== "main.js") await rm(join(root, "src/main.js"));
}
