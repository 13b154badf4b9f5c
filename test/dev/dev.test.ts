import { existsSync } from "node:fs";
import { open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeProgram } from "@unplugin-paw/program";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { appsOf } from "../apps.ts";
import { browserPath, launch, openPage, type Watched } from "../web/browser.ts";
import { type DevServer, devServer, isAlive, type Runner, type Said } from "./server.ts";

const { copyApp, removeApps } = appsOf("dev");
const DRAFT = /^paw tone\.paw {2}draft (\d+\.\d s|from the cache), training in the background$/;
const TRAINED = /^paw tone\.paw {2}trained \d+ s {2}tests \d\/2 \(draft \d\/2\)$/;

/** So many examples that no test waits for the training. */
const LONG = Array.from(
  { length: 40 },
  (_, i) => `- Message number ${i} is ${i % 2 ? "kind" : "nasty"} => ${i % 2 ? "polite" : "rude"}`,
);

let server: DevServer | undefined;
let root: string;
afterEach(async () => {
  await server?.kill();
  server = undefined;
});
afterAll(removeApps);

const spec = () => join(root, "src/tone.paw");
const edit = async (change: (text: string) => string, file = spec()) =>
  await writeFile(file, change(await readFile(file, "utf8")));
const longer = (text: string) => text.replace("## Tests", `${LONG.join("\n")}\n\n## Tests`);
/** With another label; the data file has the other one. */
const renamed = (text: string) => text.replaceAll(/\bpolite\b(?! or)/g, "kind");

/** Starts the app with a cache of its own. */
async function start(
  name: string,
  change: (text: string) => string = (text) => text,
  runner?: Runner,
): Promise<DevServer> {
  root = await copyApp(name);
  await edit(change);
  server = await devServer(root, { cache: join(root, "cache") }, runner);
  return server;
}

/** Waits for answers with these labels. */
async function answers(ask: (text: string) => Promise<Said>, labels: string[]): Promise<Said> {
  return await vi.waitFor(
    async () => {
      const said = await ask("Many thanks for your kind help");
      expect(Object.keys(said.probabilities)).toEqual(labels);
      expect(labels).toContain(said.label);
      return said;
    },
    { timeout: 60_000, interval: 200 },
  );
}

describe.skipIf(!browserPath)("a page in development", () => {
  let browser: Browser;
  let watched: Watched;
  beforeAll(async () => {
    browser = await launch();
  });
  afterEach(async () => {
    await watched?.context.close();
  });
  afterAll(async () => {
    await browser?.close();
  });

  const ask = (text: string) =>
    watched.page.evaluate((text) => (globalThis as unknown as { ask(text: string): Promise<Said> }).ask(text), text);
  /** What a reload would lose. */
  const state = async () => [
    await watched.page.locator("input").inputValue(),
    await watched.page.locator("button").textContent(),
  ];
  const programs = () => [...new Set(watched.requested.filter((path) => path.endsWith("/tone.weights")))];
  const efforts = async () => {
    const bytes = programs().map(async (path) => await (await fetch(new URL(path, server?.url))).arrayBuffer());
    return (await Promise.all(bytes)).map((bytes) => decodeProgram(new Uint8Array(bytes)).compiler.effort);
  };
  const overlay = () => watched.page.locator("vite-error-overlay");

  /** Opens the page and gives it a state. */
  async function visit({ url }: DevServer): Promise<void> {
    watched = await openPage(browser);
    await watched.page.goto(url);
    await watched.page.locator("input").fill("kept");
    for (let i = 0; i < 3; i++) await watched.page.locator("button").click();
    await watched.page.waitForFunction(() => "ask" in globalThis, undefined, { timeout: 60_000 });
  }

  test("gets a draft after an edit, then the trained program, and keeps its state", async () => {
    // Two examples: what there is to train takes seconds.
    const server = await start("page", (text) => text.replace("## Tests", "- Get lost, moron => rude\n\n## Tests"));
    await visit(server);
    await answers(ask, ["polite", "rude"]);
    await answers(server.ask, ["polite", "rude"]);
    // Page and server code share it.
    expect(server.lines.filter((line) => DRAFT.test(line))).toHaveLength(1);
    await server.logs(TRAINED);
    await vi.waitFor(async () => {
      await ask("Shut up");
      expect(programs()).toHaveLength(2);
    }, 60_000);

    await edit((text) => renamed(longer(text)));
    const said = await answers(ask, ["kind", "rude"]);
    expect(said).toMatchObject({ same: true, tests: { total: 2 } });
    await server.logs(DRAFT, 2);
    expect(await efforts()).toEqual(["draft", "standard", "draft"]);
    const types = await readFile(join(root, ".paw/types/src/tone.d.paw.ts"), "utf8");
    expect(types).toContain('"kind"');

    expect(await state()).toEqual(["kept", "3"]);
    expect(watched.problems).toEqual([]);
  });

  test("is shown what is wrong with an edit while the last good program answers, until it is fixed", async () => {
    const server = await start("overlay", longer);
    await visit(server);
    const before = await answers(ask, ["polite", "rude"]);
    await edit((text) => text.replace("returns:", "return:"));
    await overlay().waitFor();
    await expect(overlay().locator(".message-body").textContent()).resolves.toMatch(/src\/tone\.paw:2:1: .*return/);
    await expect(overlay().locator(".frame").textContent()).resolves.toContain("> 2 | return: [polite, rude]");
    expect(await ask("Many thanks for your kind help")).toEqual(before);

    // The fix brings a data file with an error, and that is fixed in the data file.
    const more = join(root, "src/more.csv");
    await writeFile(more, "input,output\nGood morning,\n");
    await edit((text) => text.replace("return:", "returns:").replace("## Tests", "- from: ./more.csv\n\n## Tests"));
    await vi.waitFor(
      async () => expect(await overlay().locator(".message-body").textContent()).toContain("more.csv:2"),
      60_000,
    );
    await writeFile(more, "input,output\nGood morning,polite\n");
    await overlay().waitFor({ state: "detached" });
    await answers(ask, ["polite", "rude"]);

    await rm(spec());
    await overlay().waitFor();
    await answers(ask, ["polite", "rude"]);
    await writeFile(spec(), renamed(longer(await readFile(join(root, "../../../fixtures/dev/src/tone.paw"), "utf8"))));
    await overlay().waitFor({ state: "detached" });
    await answers(ask, ["kind", "rude"]);
    expect(await state()).toEqual(["kept", "3"]);
  });

  test.each(["webpack", "rspack"] as const)("has all that from the dev server of %s, too", async (bundler) => {
    const server = await start(`page-${bundler}`, undefined, `${bundler} page`);
    await visit(server);
    await answers(ask, ["polite", "rude"]);
    await edit(renamed);
    await answers(ask, ["kind", "rude"]);
    await server.logs(DRAFT, 2);
    await server.logs(TRAINED);
    expect(await answers(ask, ["kind", "rude"])).toMatchObject({ same: true });
    expect(watched.problems).toEqual([]);

    await edit((text) => text.replace("returns:", "return:"));
    const overlay = watched.page.locator(`iframe#${bundler}-dev-server-client-overlay`);
    await overlay.waitFor();
    const shown = await overlay.contentFrame().locator("body").textContent();
    expect(shown).toMatch(/tone\.paw:2:1: .*return/);
    expect(shown).toContain("> 2 | return: [kind, rude]");
    await answers(ask, ["kind", "rude"]);
    await edit((text) => text.replace("return:", "returns:").replaceAll(/\bkind\b/g, "nice"));
    await overlay.waitFor({ state: "detached" });
    await answers(ask, ["nice", "rude"]);
    expect(await state()).toEqual(["kept", "3"]);
  });
});

describe("server code in development", () => {
  test("reads a spec again that an editor was just saving", async () => {
    const server = await start("saving");
    await answers(server.ask, ["polite", "rude"]);
    const text = renamed(await readFile(spec(), "utf8"));
    // The watcher tells of the empty file only.
    const file = await open(spec(), "w");
    await vi.waitFor(() => expect(server.lines.at(-1)).toContain("hmr update"), { timeout: 60_000, interval: 2 });
    const asked = server.ask("Many thanks");
    await sleep(20);
    await file.writeFile(text);
    await file.close();
    expect(Object.keys((await asked).probabilities)).toEqual(["kind", "rude"]);
  });

  test("gets the draft, then the trained program, by its next call", async () => {
    const server = await start("server");
    await answers(server.ask, ["polite", "rude"]);
    expect(await server.effort()).toBe("draft");
    await server.logs(DRAFT);
    await server.logs(TRAINED);
    await answers(server.ask, ["polite", "rude"]);
    expect(await server.effort()).toBe("standard");
    await edit((text) => renamed(longer(text)));
    await answers(server.ask, ["kind", "rude"]);
    expect(await server.effort()).toBe("draft");
    await edit((text) => `${text}"Good evening",kind\n`, join(root, "src/tone.csv"));
    await vi.waitFor(async () => expect((await server.ask("Hello")).tests.total).toBe(3), 60_000);
  });

  test("trains the text of the last edit only, in one process of low priority that ends with the server", async () => {
    const server = await start("edits", longer);
    await answers(server.ask, ["polite", "rude"]);
    await vi.waitFor(() => expect(server.children()).toEqual([{ pid: expect.any(Number), priority: 19 }]), 60_000);
    const [first] = server.children();
    await edit((text) => text.replace("Say", "Tell"));
    await answers(server.ask, ["polite", "rude"]);
    await edit((text) => text.replace("Tell", "Decide"));
    await vi.waitFor(async () => {
      await server.ask("Thank you");
      expect(server.lines.filter((line) => DRAFT.test(line)).length).toBeGreaterThanOrEqual(2);
      const pids = server.children().map(({ pid }) => pid);
      expect(pids).toHaveLength(1);
      expect(pids).not.toEqual([first?.pid]);
    }, 60_000);
    const [last] = server.children();
    await server.close();
    await vi.waitFor(() => expect(server.children()).toEqual([]), 30_000);
    expect(isAlive(last?.pid as number)).toBe(false);
    // Drafts are there, and nothing half-done.
    const left = await readdir(join(root, "cache"));
    expect(left.filter((name) => /\.(lock|partial)$/.test(name))).toEqual([]);
  });

  test("goes on with the draft when the training ends early, and leaves no process when it is killed", async () => {
    const server = await start("killed", longer);
    const before = await answers(server.ask, ["polite", "rude"]);
    const training = () =>
      vi.waitFor(
        async () => {
          await server.ask("Thank you");
          const [child, ...others] = server.children();
          expect(others).toEqual([]);
          return child ?? expect.unreachable();
        },
        { timeout: 60_000, interval: 50 },
      );
    process.kill((await training()).pid, "SIGTERM");
    await server.logs(/The training failed; the draft goes on answering/);
    expect(await answers(server.ask, ["polite", "rude"])).toEqual(before);
    expect(server.children()).toEqual([]);

    await edit((text) => text.replace("Say", "Tell"));
    const { pid } = await training();
    await server.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 30_000);
    const left = await readdir(join(root, "cache"));
    expect(left.filter((name) => /\.(lock|partial)$/.test(name))).toEqual([]);
  });

  test("warns of a missed accuracy, with the failing tests, and answers", async () => {
    const wrong = (text: string) =>
      text
        .replace("returns:", "accuracy: 1\nreturns:")
        .replace("Many thanks for the quick reply => polite", "You fool, get lost => polite");
    const server = await start("accuracy", wrong);
    await answers(server.ask, ["polite", "rude"]);
    await server.logs(/draft .*, below its accuracy \(tests \d\/2\), training in the background/);
    await server.logs(/paw tone\.paw {2}trained/);
    await server.logs(/tone\.paw:2:11: \d of 2 tests pass[\s\S]*expected polite, got rude[\s\S]*> 2 \| accuracy: 1/);
    await answers(server.ask, ["polite", "rude"]);
  });

  test("keeps programs in a folder of its own while it runs where the cache cannot be written", async () => {
    root = await copyApp("unwritable");
    server = await devServer(root, { cache: join(root, "package.json/cache") });
    await answers(server.ask, ["polite", "rude"]);
    await server.logs(TRAINED);
    await answers(server.ask, ["polite", "rude"]);
    await server.close();
    expect(existsSync(join(root, "package.json/cache"))).toBe(false);
  });
});

describe.each(["webpack", "rspack"] as const)("a process that runs a bundle of %s and takes hot updates", (bundler) => {
  test("gets the draft after an edit, then the trained program, and keeps its state", async () => {
    const server = await start(bundler, undefined, bundler);
    const before = await answers(server.ask, ["polite", "rude"]);
    await server.logs(DRAFT);
    await edit((text) => renamed(text));
    await answers(server.ask, ["kind", "rude"]);
    await server.logs(DRAFT, 2);
    await server.logs(TRAINED);
    await edit((text) => text.replace("returns:", "return:"));
    await server.logs(/tone\.paw:2:1: .*return/);
    await answers(server.ask, ["kind", "rude"]);
    await edit((text) => text.replace("return:", "returns:").replaceAll(/\bkind\b/g, "nice"));
    const last = await answers(server.ask, ["nice", "rude"]);
    expect(last.calls).toBeGreaterThan(before.calls as number);
  });
});
