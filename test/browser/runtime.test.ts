import { type PawClassifier, type PawFunction, program } from "@unplugin-paw/runtime";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { browserPath, launch } from "../web/browser.ts";
import { makeFunctions, openPage, type TestPage } from "./page.ts";
import { compilePrograms } from "./programs.ts";
import { openSite, type Site, type SiteOptions, type TestProgram } from "./site.ts";

const reviews = [
  "Loved every minute of it",
  "Broke after two days, and nobody answers",
  "Lovely colours but the sound is tinny",
  "Exactly as described",
  "Ich würde es sofort wieder kaufen",
  "🔥🔥🔥",
];
const issues = [
  { title: "Crash on start", body: "It says: segfault", stars: 3 },
  { title: "How do I install this?", stars: 0 },
  { title: "Dark mode please", stars: 12 },
];
const messages = [
  "Could I speak to Anna Schmidt please?",
  "I have a parcel for Dr. Okafor.",
  "Is Jean-Luc Picard in today?",
  "Hello, this is about the invoice",
];

let browser: Browser;
let programs: Record<"sentiment" | "triage" | "extract-name", TestProgram>;

/** A page of a site of its own, both gone after the test. */
async function open(options: SiteOptions = {}): Promise<TestPage & { site: Site; context: BrowserContext }> {
  const site = await openSite(programs, options);
  const context = await browser.newContext();
  onTestFinished(async () => {
    await context.close();
    await site.close();
  });
  return { ...(await openPage(context, site, programs)), site, context };
}

/** What the same programs answer in Node. */
async function inNode(name: keyof typeof programs, inputs: readonly unknown[]): Promise<Answered[]> {
  const { weights, meta } = programs[name];
  const made = program(weights, meta) as PawFunction<unknown, unknown> & Partial<PawClassifier<unknown, string>>;
  const answers: Answered[] = [];
  for (const input of inputs) {
    const classified = await made.classify?.(input);
    answers.push(classified ?? { label: await made(input).catch(String) });
  }
  return answers;
}

interface Answered {
  label: unknown;
  probabilities?: Record<string, number>;
}

async function expectSame(page: TestPage): Promise<void> {
  for (const [name, inputs] of [
    ["sentiment", reviews],
    ["triage", issues],
  ] as const) {
    const expected = await inNode(name, inputs);
    for (const [i, input] of inputs.entries()) {
      const found = await page.call<Answered>(name, "classify", input);
      expect(found.label).toBe(expected[i]?.label);
      for (const [label, probability] of Object.entries(expected[i]?.probabilities ?? {})) {
        expect(Math.abs((found.probabilities?.[label] ?? Number.NaN) - probability)).toBeLessThan(0.02);
      }
    }
  }
  const expected = await inNode("extract-name", messages);
  const answers = expected.map(({ label }) => label);
  expect(await page.call("extract-name", "batch", messages)).toEqual(answers);
  expect(await page.gather("extract-name", "each", messages)).toEqual(answers.map((value) => ({ value })));
  expect((await page.gather<string>("extract-name", "stream", messages[0])).join("")).toBe(answers[0]);
}

/**
 * The tasks of the page's own thread that took over 50 ms while calls ran. On a busy machine any task may be kept
 * waiting; one that really blocks does so in every round.
 */
async function longTasks({ page, call }: TestPage): Promise<number[]> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: "longtask" });
    Object.assign(globalThis, { tasks });
  });
  let tasks: number[] = [];
  for (let round = 0; round < 3; round++) {
    await page.evaluate("tasks.length = 0");
    for (const review of reviews.slice(0, 3)) await call("sentiment", "call", review);
    await call("extract-name", "batch", messages);
    tasks = await page.evaluate("tasks");
    if (tasks.length === 0) break;
  }
  return tasks;
}

const parts = (site: Site) => site.requested.filter((path) => path.endsWith(".data"));

describe.skipIf(!browserPath)("the runtime in a browser", () => {
  beforeAll(async () => {
    [browser, programs] = await Promise.all([launch(), compilePrograms("sentiment", "triage", "extract-name")]);
  });
  afterAll(() => browser?.close());

  test("answers as in Node, off the page's thread, on one thread where the page is not isolated", async () => {
    const page = await open();
    const old = `/.unplugin-paw/${page.site.interpreter.manifest.id}/${"0".repeat(64)}`;
    const cached = () => page.page.evaluate(`caches.match(${JSON.stringify(old)}).then(Boolean)`);
    await page.page.evaluate(
      `caches.open("unplugin-paw").then((cache) => cache.put(${JSON.stringify(old)}, new Response("an older build")))`,
    );
    expect(await cached()).toBe(true);
    await expectSame(page);
    expect(await longTasks(page)).toEqual([]);
    expect(await cached()).toBe(false);
    expect(page.page.workers()).toHaveLength(1);
    expect(page.console).toEqual([expect.stringMatching(/^info: \[unplugin-paw\] The model runs on one thread/)]);

    // A second visit takes the files from the browser's cache.
    page.site.requested.length = 0;
    await page.page.reload();
    await makeFunctions(page.page, page.site, programs);
    const told = await page.load("sentiment");
    expect(told.map(({ stage }) => stage).filter((stage, i, all) => stage !== all[i - 1])).toEqual(["verify", "load"]);
    expect(page.site.requested.filter((path) => /data|onnx|wasm|tokenizer/.test(path))).toEqual([]);
    expect(await page.call("sentiment", "call", reviews[0])).toBe((await inNode("sentiment", reviews))[0]?.label);
  });

  test("answers as in Node on several threads where it is isolated, ends, and begins anew", async () => {
    const page = await open({ isolated: true });
    const told = await page.load("sentiment");
    expect(told[0]?.stage).toBe("download");
    expect(told.at(-1)?.stage).toBe("load");
    const downloads = told.filter(({ stage }) => stage === "download").map(({ loaded = 0 }) => loaded);
    expect(downloads).toEqual([...downloads].sort((a, b) => a - b));
    expect(downloads.at(-1)).toBe(told[0]?.total);
    await expectSame(page);
    expect(await longTasks(page)).toEqual([]);
    expect(page.page.workers().length).toBeGreaterThan(1);
    expect(page.console).toEqual([]);

    const running = page.errorOf("sentiment", reviews[1]);
    await page.page.evaluate("runtime.dispose()");
    expect(await running).toMatchObject({ name: "PawError", code: "DISPOSED", typed: true });
    await expect.poll(() => page.page.workers(), { timeout: 20_000 }).toEqual([]);
    expect(await page.call("sentiment", "call", reviews[1])).toBe((await inNode("sentiment", reviews))[1]?.label);
  });

  test("cancels a call that runs, one that waits, and a load", async () => {
    const page = await open();
    const { site } = page;
    site.faults.set("/run.1.data", "slow");
    const abort = (work: string, when: string) =>
      page.page.evaluate(`(async () => {
        const abort = new AbortController();
        const work = functions["extract-name"]${work};
        await ${when};
        const since = performance.now();
        abort.abort(new Error("enough"));
        const reason = await work.catch((error) => error.message);
        return { reason, after: performance.now() - since };
      })()`);
    const told = ".load({ signal: abort.signal, onProgress: () => globalThis.told = true })";
    const soon = { reason: "enough", after: expect.closeTo(0, -2) };
    const until = (condition: string) =>
      `(async () => { while (!(${condition})) await new Promise((resolve) => setTimeout(resolve, 20)); })()`;
    expect(await abort(told, until("globalThis.told"))).toEqual(soon);
    await expect.poll(() => site.abandoned).toContain("/run.1.data");

    site.faults.clear();
    await page.load("extract-name");
    const text = "Tell Maria Lopez that the parcel has come. ".repeat(12);
    expect(await abort(`(${JSON.stringify(text)}, { signal: abort.signal })`, until("true"))).toEqual(soon);
    expect(await abort(`(${JSON.stringify(text)}, { signal: AbortSignal.any([abort.signal]) })`, "null")).toEqual(soon);
    expect(await page.call("extract-name", "call", messages[0])).toBe(
      (await inNode("extract-name", messages))[0]?.label,
    );
    expect(page.console.filter((line) => !line.startsWith("info"))).toEqual([]);
  });

  test("refuses an input as Node does", async () => {
    const page = await open();
    expect(await page.errorOf("sentiment", 5)).toMatchObject({ name: "InputError", code: "type", typed: true });
    expect(await page.errorOf("triage", { title: "x" })).toMatchObject({
      name: "InputError",
      code: "missing",
      typed: true,
    });
    expect(await page.errorOf("sentiment", "long ".repeat(9000))).toMatchObject({
      name: "PawError",
      code: "INPUT_TOO_LONG",
      hint: expect.stringMatching(/Shorten/),
      typed: true,
    });
    // What cannot be sent to a worker as it is: a framework's reactive object, and what is no data at all.
    const [reactive, never] = (await page.page.evaluate(`Promise.all([
      functions.triage(new Proxy({ title: "Dark mode please", stars: 12 }, {})),
      functions.sentiment(() => {}).catch(({ name, code }) => ({ name, code })),
    ])`)) as unknown[];
    expect(reactive).toBe(await page.call("triage", "call", issues[2]));
    expect(never).toEqual({ name: "InputError", code: "type" });
  });

  test.each([
    ["a part that is not there", "/run.2.data", "missing", "FILE_MISSING"],
    ["a page in a part's place", "/run.2.data", "page", "FILE_DIGEST"],
    ["half a part", "/run.3.data", "truncated", "FILE_DIGEST"],
    ["an altered byte", "/run.1.data", "altered", "FILE_DIGEST"],
    ["a connection that breaks and breaks", "/run.4.data", { cut: 9 }, "CONNECTION_LOST"],
    ["a server that is unwell", "/tokenizer.json", "unwell", "CONNECTION_LOST"],
    ["no WebAssembly at its place", "/ort.wasm", "missing", "FILE_MISSING"],
    ["no worker", "/worker.js", "missing", "WORKER_FAILED"],
    ["no program", "/sentiment.weights", "missing", "NO_PROGRAM"],
  ] as const)("says what is wrong with %s", async (_name, path, fault, code) => {
    const page = await open();
    page.site.faults.set(path, fault);
    expect(await page.errorOf("sentiment", reviews[0])).toMatchObject({
      name: "PawError",
      code,
      message: expect.stringContaining(path),
      hint: expect.stringMatching(/\w/),
      typed: true,
    });
  });

  test("an altered program is its own kind of error", async () => {
    const page = await open();
    page.site.faults.set("/sentiment.weights", "altered");
    expect(await page.errorOf("sentiment", "x")).toMatchObject({ name: "ProgramError", code: "checksum", typed: true });
  });

  test("loads after it failed, when all is mended, and does not notice a connection that breaks once", async () => {
    const page = await open();
    const { site } = page;
    site.faults.set("/worker.js", "missing");
    expect(await page.errorOf("sentiment", reviews[0])).toMatchObject({ code: "WORKER_FAILED" });
    site.faults.clear();
    site.faults.set("/run.3.data", "altered");
    expect(await page.errorOf("sentiment", reviews[0])).toMatchObject({ code: "FILE_DIGEST" });
    site.faults.clear();
    site.faults.set("/run.2.data", { cut: 1 });
    site.requested.length = 0;
    expect((await page.load("sentiment")).at(-1)).toEqual({ stage: "load" });
    // What had come whole before the failure was kept.
    expect(parts(site).filter((path) => path === "/run.3.data")).toHaveLength(1);
  });
});
