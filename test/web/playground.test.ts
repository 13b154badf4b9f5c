import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import vitePaw from "unplugin-paw/vite";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { offline } from "../../playground/web/offline.ts";
import { options, removeApps, temporary } from "./app.ts";
import { browserPath, launch, openPage } from "./browser.ts";
import { isolation, serve } from "./server.ts";

const root = fileURLToPath(new URL("../../playground/web", import.meta.url));
const dist = join(temporary, "playground");
let browser: Browser;

describe.skipIf(!browserPath)("the playground", () => {
  beforeAll(async () => {
    browser = await launch();
    vi.stubEnv("NODE_ENV", "production"); // Vite believes it more than its own command
    await build({
      root,
      base: "./",
      configFile: false,
      logLevel: "silent",
      plugins: [vitePaw(options), offline()],
      build: { outDir: dist, emptyOutDir: true },
    });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await browser?.close();
    await removeApps();
  });

  test("answers, and answers again after the network is cut", async () => {
    const server = await serve(dist, "/play/", isolation);
    const { page, context, problems } = await openPage(browser);
    try {
      await page.goto(`${server.origin}/play/`);
      const first = await answersOf(page);
      expect(Object.keys(first)).toEqual(["Mood", "Intent", "City"]);
      expect(["happy", "neutral", "unhappy"]).toContain(first.Mood);
      expect(["book", "change", "cancel", "ask", "other"]).toContain(first.Intent);
      await page.getByText("Works offline from now on").waitFor({ timeout: 60_000 });
      expect(problems).toEqual([]);

      await server.close();
      await context.setOffline(true);
      await page.reload();
      expect(
        await page.evaluate(() => (globalThis as unknown as { crossOriginIsolated: boolean }).crossOriginIsolated),
      ).toBe(true);
      expect(await answersOf(page)).toEqual(first);
    } finally {
      await context.close();
      await server.close().catch(() => {});
    }
  });

  test("is used by keyboard, fits a phone, and shows where the time goes", async () => {
    const server = await serve(dist);
    const { page, context, problems } = await openPage(browser);
    try {
      await page.setViewportSize({ width: 360, height: 720 });
      await page.goto(server.origin);
      await answersOf(page);
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      expect(wide).toBeLessThanOrEqual(360);
      await page.keyboard.press("/");
      await page.keyboard.press("Escape");
      await page.waitForFunction("document.querySelectorAll('.card.empty').length === 3");
      await page.keyboard.type("Two nights in Vienna, please");
      await answersOf(page);
      const shares = await page.locator(".card .share").allTextContents();
      expect(shares).toHaveLength(8);
      for (const share of shares) expect(share).toMatch(/^\d+ %$/);
      for (const time of await page.locator("#timeline .share").allTextContents()) expect(time).toMatch(/^[\d.]+ m?s$/);
      expect(problems).toEqual([]);
    } finally {
      await context.close();
      await server.close();
    }
  });
});

/** What the cards say, once all three are of the current text. */
async function answersOf(page: Page): Promise<Record<string, string>> {
  await page.waitForFunction("document.querySelectorAll('.card:not(.empty, .waiting)').length === 3", undefined, {
    timeout: 120_000,
  });
  const cards = page.locator(".card");
  const titles = await cards.locator("h2").allTextContents();
  const answers = await cards.locator(".answer").allTextContents();
  return Object.fromEntries(titles.map((title, i) => [title, answers[i] as string]));
}
