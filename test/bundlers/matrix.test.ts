import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { files } from "../apps.ts";
import { run } from "../plugin-helpers/app.ts";
import { type Answers, answersInNode, copyApp, options, removeApps } from "../web/app.ts";
import { browserPath, launch, openPage } from "../web/browser.ts";
import { serve } from "../web/server.ts";
import { base } from "./builds.ts";
import { hashed, lazyChunk, mapped, nothingLeft } from "./features.ts";
import { type Row, rows } from "./rows.ts";
import { compareLine, compareNotes, type Features, writeTable } from "./table.ts";

type Expected = Omit<Answers, "isolated">;

let browser: Browser;
let expected: Expected;

beforeAll(async () => {
  expected = await answersInNode(); // compiles the specs; the builds find them in the cache
  if (browserPath) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await removeApps();
  await writeTable();
});

test.for(rows)("$bundler, $mode: answers as everywhere, and has what the docs say", async (row, { skip }) => {
  skip(row.runs !== "node" && !browserPath, "there is no chromium");
  const root = await copyApp(`${row.bundler}-${row.mode}`.replace(/\W+/g, "-").toLowerCase());
  const found = row.runs === "node" ? await inNode(row, root) : await inPage(row, root);
  await compareLine(row, found);
  await rm(root, { recursive: true });
});

test("the notes below the table", compareNotes);

async function inNode(row: Row, root: string): Promise<Features> {
  const job = { root, options, entries: ["node.js"] };
  const out = join(root, "out");
  if (row.ask) {
    check(await row.ask(job));
    return {};
  }
  await row.build?.(job);
  const entry = (await files(out)).find((file) => /^node\.c?js$/.test(file)) as string;
  check(await run<Answers>(join(out, entry)));
  return await read(row, root, out);
}

async function inPage(row: Row, root: string): Promise<Features> {
  const workers = row.workers === "entries" ? ["in-worker.js"] : [];
  const entries = ["main.js", ...(row.workers ? ["starts-worker.js"] : []), ...workers];
  const job = { root, options, entries };
  if (row.serve) {
    const server = await row.serve(job);
    try {
      check(await visit(`${server.url}main.html`));
      if (row.workers) check(await visit(`${server.url}starts-worker.html`));
    } finally {
      await server.close();
    }
    return { urls: server.url.endsWith(base), ...(row.workers && { worker: true }) };
  }
  await row.build?.(job);
  const out = join(root, "out");
  const emitted = (await files(out)).filter((file) => !/\.(html|map|LICENSE\.txt)$/.test(file));
  // The interpreter is there once, for both programs, in the page and in its worker.
  for (const end of [".onnx", ".wasm"]) expect(emitted.filter((file) => file.endsWith(end))).toHaveLength(1);
  const requested = new Set<string>();
  // The page lies elsewhere, so that a URL which starts from it leads nowhere.
  await mkdir(join(out, "pages"), { recursive: true });
  const server = await serve(out, base);
  try {
    for (const entry of entries) {
      if (workers.includes(entry)) continue;
      const name = entry.replace(/\.js$/, ".html");
      const type = row.runs === "module" ? ' type="module"' : "";
      const own = await readFile(join(out, name), "utf8").catch(
        () => `<link rel="icon" href="data:,"><body><script${type} src="${base}${entry}"></script>`,
      );
      await writeFile(join(out, "pages", name), own);
      check(await visit(`${server.origin}${base}pages/${name}`, requested));
    }
  } finally {
    await server.close();
  }
  expect(emitted.filter((file) => !requested.has(`${base}${file}`))).toEqual([]);
  return { ...(await read(row, root, out)), urls: true, ...(row.workers && { worker: true }) };
}

/** What the output says, and that of the entry which uses nothing. */
async function read(row: Row, root: string, out: string): Promise<Features> {
  const spec = join(root, "src/topic.paw");
  const found = { hash: await hashed(out), lazy: await lazyChunk(out), map: await mapped(out, spec) };
  await rm(out, { recursive: true });
  await row.build?.({ root, options, entries: ["unused.js"] });
  return { ...found, unused: await nothingLeft(out) };
}

/** Opens a page and gives its answers; nothing may go wrong on it, and each request is noted. */
async function visit(url: string, requests = new Set<string>()): Promise<Answers> {
  const { page, context, problems, requested } = await openPage(browser);
  try {
    await page.goto(url);
    const answers = await page
      .waitForFunction(() => "answers" in globalThis, undefined, { timeout: 60_000 })
      .then(() => page.evaluate(() => (globalThis as unknown as { answers: Promise<Answers> }).answers))
      .catch((error) => expect.unreachable(`${error.message}\n${problems.join("\n")}`));
    expect(problems).toEqual([]);
    for (const path of requested) requests.add(path);
    return answers;
  } finally {
    await context.close();
  }
}

/** The answers are the same everywhere; WebAssembly adds up in another order. */
function check(answers: Answers): void {
  for (const name of ["tone", "topic"] as const) {
    expect(answers[name].label).toBe(expected[name].label);
    for (const [label, probability] of Object.entries(expected[name].probabilities)) {
      expect(Math.abs((answers[name].probabilities[label] as number) - probability)).toBeLessThan(0.02);
    }
  }
  expect(answers.plain).toBe(expected.plain);
}
