import type { LoadProgress } from "@unplugin-paw/runtime";
import type { InterpreterAssets } from "@unplugin-paw/runtime/assets";
import type { BrowserContext, Page } from "playwright-core";
import type { Site, TestProgram } from "./site.ts";

/** An error as a page saw it. */
export interface Seen {
  name: string;
  code: string;
  message: string;
  hint: string;
  /** Whether it is of the class that the runtime exports under that name. */
  typed: boolean;
}

/** A page with functions to call, and all that its console said. */
export interface TestPage {
  page: Page;
  console: string[];
  /** Calls `functions[name](...)`, or a method of it. */
  call<T>(name: string, method: "call" | "classify" | "batch", input: unknown): Promise<T>;
  /** All that a method of `functions[name]` gives, one after the other. */
  gather<T>(name: string, method: "stream" | "each", input: unknown): Promise<T[]>;
  /** Loads a function; the progress that was told. */
  load(name: string): Promise<LoadProgress[]>;
  /** The error that a call ends with; throws where it does not. */
  errorOf(name: string, input: unknown): Promise<Seen>;
}

// What `open` puts into the page.
declare const functions: Record<string, Callable>;
declare const runtime: Record<string, new () => Error> & {
  program(weights: string, meta: unknown, interpreter: InterpreterAssets): Callable;
};
type Callable = ((input: unknown) => Promise<unknown>) & {
  [method in "classify" | "batch"]: (input: unknown) => Promise<unknown>;
} & { [method in "stream" | "each"]: (input: unknown) => AsyncIterable<unknown> } & {
  load(options: { onProgress(progress: LoadProgress): void }): Promise<void>;
};

/** Opens the site's page and makes its programs' functions, which load nothing yet. */
export async function openPage(
  context: BrowserContext,
  site: Site,
  programs: Record<string, TestProgram>,
  origin: string = site.origin,
): Promise<TestPage> {
  const page = await context.newPage();
  const console: string[] = [];
  page.on("console", (message) => console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => console.push(`exception: ${error.message}`));
  await page.goto(origin);
  await makeFunctions(page, site, programs);
  return {
    page,
    console,
    call: async <T>(name: string, method: string, input: unknown) =>
      (await page.evaluate(
        async ({ name, method, input }) => {
          const made = functions[name] as Callable;
          return await (method === "call" ? made(input) : made[method as "batch"](input));
        },
        { name, method, input },
      )) as T,
    gather: async <T>(name: string, method: "stream" | "each", input: unknown) =>
      (await page.evaluate(
        async ({ name, method, input }) => {
          const found: unknown[] = [];
          for await (const one of (functions[name] as Callable)[method](input)) found.push(one);
          return found;
        },
        { name, method, input },
      )) as T[],
    load: (name) =>
      page.evaluate(async (name) => {
        const told: LoadProgress[] = [];
        await functions[name]?.load({ onProgress: (progress) => told.push(progress) });
        return told;
      }, name),
    errorOf: (name, input) =>
      page.evaluate(
        async ({ name, input }) => {
          try {
            await functions[name]?.(input);
          } catch (error) {
            const { name, code, message, hint = "" } = error as Seen;
            return { name, code, message, hint, typed: error instanceof (runtime[name] as new () => Error) };
          }
          throw new Error("the call succeeded");
        },
        { name, input },
      ),
  };
}

/** After a reload, too. */
export async function makeFunctions(page: Page, site: Site, programs: Record<string, TestProgram>): Promise<void> {
  await page.waitForFunction("globalThis.runtime");
  const metas = Object.entries(programs).map(([name, { meta }]) => ({ name, meta }));
  await page.evaluate(
    ({ metas, interpreter }) => {
      const made = metas.map(({ name, meta }) => [name, runtime.program(`${name}.weights`, meta, interpreter)]);
      Object.assign(globalThis, { functions: Object.fromEntries(made) });
    },
    { metas, interpreter: site.interpreter },
  );
}
