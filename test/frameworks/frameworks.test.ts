import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tarball } from "../pack-helpers/tarballs.ts";
import { browserPath, launch, openPage } from "../web/browser.ts";
import { writeDocs } from "./docs.ts";
import { run, start } from "./processes.ts";
import { createProject, deploy, type Project, pack } from "./project.ts";
import type { Column, Printer, Row, Server } from "./row.ts";
import { rows } from "./rows.ts";

const POLITE = "Many thanks for the quick reply";
const RUDE = "You idiot, get lost";

let tarballs: Tarball[];
let browser: Browser | undefined;

beforeAll(async () => {
  tarballs = await pack();
  if (browserPath) browser = await launch();
});
afterAll(() => browser?.close());

describe.for(rows)("$name", (row) => {
  let project: Project;
  const results = new Map<Column, boolean>();

  beforeAll(async () => {
    project = await createProject(row, tarballs);
  });
  afterAll(() => writeDocs(row, project, results));

  /** Notes how a column's test ends; one that the row has not is no test. */
  const column = (name: Column, has: unknown, check: () => Promise<void>) => {
    if (!has) return;
    test(name, async () => {
      results.set(name, false);
      await check();
      results.set(name, true);
    });
  };

  column("dev", row.dev, async () => {
    await asked(row.dev as Server | Printer, project, async (url) => {
      if (row.page) await clicked(url, {});
    });
  });

  let built: Promise<void> | undefined;
  const build = () => {
    built ??= (async () => {
      for (const command of row.build ?? []) await run(command, project);
    })();
    return built;
  };
  column("build", row.build, build);

  /** Runs the output where it is deployed. */
  const deployed = async (check: (url: string) => Promise<void>) => {
    await build();
    const deployment = await deploy(project, row.run as NonNullable<Row["run"]>);
    try {
      await asked(row.run as Server | Printer, deployment, check);
    } finally {
      await deployment.close();
    }
  };
  column("run", row.run, () => deployed(async () => {}));
  column("client", row.page && !row.dashes?.client, () => deployed((url) => clicked(url, { strict: true })));

  column("types", row.types, async () => {
    for (const command of row.types ?? []) await run(command, project);
  });

  test("each column is tried, or the row says why not", () => {
    const tried = { dev: row.dev, build: row.build, run: row.run, client: row.page, types: row.types };
    const silent = Object.entries(tried).filter(([name, has]) => Boolean(has) === name in (row.dashes ?? {}));
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

/**
 * What the command's program answers, on a server or printed; then, while the server is there, what else is to be
 * checked.
 */
async function asked(
  how: Server | Printer,
  place: Pick<Project, "folder" | "env">,
  check: (url: string) => Promise<void>,
): Promise<void> {
  if ("prints" in how) {
    for (const [TEXT, answer] of [
      [POLITE, "polite"],
      [RUDE, "rude"],
    ] as const) {
      const printed = await run(how.prints, { ...place, env: { ...place.env, TEXT } });
      const lines = printed.split("\n").filter((line) => line.trim().startsWith("{"));
      expect(
        lines.map((line) => JSON.parse(line).answer),
        printed,
      ).toContain(answer);
    }
    return;
  }
  const { command, ask = "/?text=" } = how;
  const server = await start(command, ask, place);
  try {
    for (const [text, answer] of [
      [POLITE, "polite"],
      [RUDE, "rude"],
    ] as const) {
      const response = await fetch(`${server.url}${ask}${encodeURIComponent(text)}`);
      const body = await response.text();
      expect(answerIn(body), `${response.status} ${body}\n${server.log()}`).toBe(answer);
    }
    await check(`${server.url}/`).catch((error) => {
      throw new Error(`${error.message}\n${server.log()}`);
    });
  } finally {
    await server.close();
  }
}

/** The answer in JSON, or in a page's element `#server`, where frameworks put comments of theirs. */
function answerIn(body: string): string | undefined {
  if (body.startsWith("{")) return JSON.parse(body).answer;
  return body.replace(/<!--.*?-->/gs, "").match(/id="?server"?[^>]*>\s*(\w*)/)?.[1];
}

/**
 * What the page's program answers in the browser, after a click.
 *
 * @param strict nothing may go wrong on the page (a development server may load it again in the middle)
 */
async function clicked(url: string, { strict = false }): Promise<void> {
  if (!browser) return; // (the log says so)
  const { page, context, problems } = await openPage(browser);
  try {
    await page.goto(url);
    const answer = await ask(page).catch((error) => expect.unreachable(`${error.message}\n${problems.join("\n")}`));
    expect(answer).toBe("polite");
    if (strict) expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
}

/** Clicks until there is an answer: the first click may come before the framework listens. */
async function ask(page: Page): Promise<string> {
  const end = Date.now() + 90_000;
  for (;;) {
    await page.click("#ask");
    const answered = page.waitForFunction("document.querySelector('#answer')?.textContent.trim()", undefined, {
      timeout: 5_000,
    });
    try {
      return (await (await answered).jsonValue()) as string;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
