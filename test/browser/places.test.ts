import { program } from "@unplugin-paw/runtime";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { browserPath } from "../web/browser.ts";
import { makeFunctions, openPage, type TestPage } from "./page.ts";
import { compilePrograms } from "./programs.ts";
import { openSite, type Site, type SiteOptions, type TestProgram } from "./site.ts";

const review = "Loved every minute of it";

let browser: Browser;
let programs: Record<"sentiment", TestProgram>;
let answer: unknown;

/** A page of a site of its own, both gone after the test. */
async function open(options: SiteOptions = {}, host?: string): Promise<TestPage & { site: Site }> {
  const site = await openSite(programs, options);
  const context = await browser.newContext();
  onTestFinished(async () => {
    await context.close();
    await site.close();
  });
  const { port } = new URL(site.origin);
  return { ...(await openPage(context, site, programs, host && `http://${host}:${port}`)), site };
}

async function reload({ page, site }: TestPage & { site: Site }): Promise<void> {
  site.requested.length = 0;
  await page.reload();
  await makeFunctions(page, site, programs);
}

/** All that a page needs, as its README says. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
];

describe.skipIf(!browserPath)("where a page may be", () => {
  beforeAll(async () => {
    const executablePath = browserPath as string;
    const args = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP paw.test 127.0.0.1"];
    [browser, programs] = await Promise.all([chromium.launch({ executablePath, args }), compilePrograms("sentiment")]);
    answer = await program(programs.sentiment.weights, programs.sentiment.meta)(review);
  });
  afterAll(() => browser?.close());

  test("under a strict policy", async () => {
    const page = await open({ policy: policy.join("; ") });
    expect(await page.call("sentiment", "call", review)).toBe(answer);
    expect(page.console.filter((line) => !line.startsWith("info"))).toEqual([]);
  });

  test.each([
    ["worker-src 'none'", "WORKER_FAILED", /worker-src/],
    ["script-src 'self'", "NO_WEBASSEMBLY", /wasm-unsafe-eval/],
    ["connect-src 'none'", "NO_PROGRAM", /connect-src/],
  ])("under a policy that forbids with %s, which the error names", async (directive, code, hint) => {
    const [name] = directive.split(" ") as [string];
    const stricter = policy.map((one) => (one.startsWith(name) ? directive : one)).join("; ");
    const page = await open({ policy: stricter });
    expect(await page.errorOf("sentiment", review)).toMatchObject({
      name: "PawError",
      code,
      hint: expect.stringMatching(hint),
      typed: true,
    });
  });

  test("with its assets on another host, isolated", async () => {
    const assets = await openSite({});
    onTestFinished(() => assets.close());
    const page = await open({ isolated: true, assets });
    expect(await page.call("sentiment", "call", review)).toBe(answer);
    expect(page.page.workers().length).toBeGreaterThan(1);
    expect(page.site.requested.filter((path) => /worker|data|onnx|wasm/.test(path))).toEqual([]);
    expect(page.console).toEqual([]);
  });

  test("without HTTPS, where the browser has neither a cache nor digests", async () => {
    const page = await open({}, "paw.test");
    expect(await page.page.evaluate("isSecureContext")).toBe(false);
    expect(await page.call("sentiment", "call", review)).toBe(answer);
    page.site.faults.set("/run.2.data", "truncated");
    await reload(page);
    expect(await page.errorOf("sentiment", review)).toMatchObject({ code: "FILE_DIGEST" });
  });

  test("where there is no room for the files", async () => {
    const page = await open();
    const devtools = await page.page.context().newCDPSession(page.page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: page.site.origin, quotaSize: 5_000_000 });
    expect(await page.call("sentiment", "call", review)).toBe(answer);
    expect(page.console.filter((line) => !line.startsWith("info"))).toEqual([]);
    await reload(page);
    expect((await page.load("sentiment"))[0]?.stage).toBe("download");
    expect(page.site.requested).toContain("/run.1.data");
  });

  test("a worker of the page's own", async () => {
    const { page, site } = await open();
    const found = await page.evaluate(
      (message) =>
        new Promise((resolve) => {
          const worker = new Worker("/own-worker.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage(message);
        }),
      {
        weights: "/sentiment.weights",
        meta: programs.sentiment.meta,
        interpreter: site.interpreter,
        input: review,
      },
    );
    expect(found).toBe(answer);
  });
});
