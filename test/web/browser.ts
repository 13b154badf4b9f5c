import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** The chromium on the PATH; undefined where there is none, and then the log says what is not tested. */
export const browserPath: string | undefined = findBrowser();

function findBrowser(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here
      }
    }
  }
  console.warn(
    "NOT TESTED: what runs in a browser. There is no chromium on the PATH (Debian: apt-get install chromium).",
  );
  return undefined;
}

/** Starts chromium without a window. */
export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: browserPath as string,
    args: ["--no-sandbox", "--disable-dev-shm-usage"], // root, and small containers
  });
}

/**
 * A page and all that went wrong on it: failed requests, answers of 400 and above, errors in the console, exceptions.
 */
export interface Watched {
  page: Page;
  context: BrowserContext;
  problems: string[];
  /** Paths that were asked for, workers' requests included. */
  requested: string[];
}

/** Opens an empty page with a profile of its own. */
export async function openPage(browser: Browser): Promise<Watched> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems: string[] = [];
  const requested: string[] = [];
  context.on("request", (request) => {
    const { protocol, pathname } = new URL(request.url());
    if (protocol === "http:") requested.push(pathname);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  context.on("requestfailed", (request) => problems.push(`${request.failure()?.errorText} ${request.url()}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  return { page, context, problems, requested };
}
