import { chromium } from "playwright-core";
import { program } from "@unplugin-paw/runtime";
import { compilePrograms } from "./programs.ts";
import { openSite } from "./site.ts";
import { openPage } from "./page.ts";
console.time("compile");
const programs = await compilePrograms("sentiment", "extract-name");
console.timeEnd("compile");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
for (const isolated of [false, true]) {
  const site = await openSite(programs, { isolated });
  const context = await browser.newContext();
  await context.addInitScript("globalThis.__name = (f) => f");
  const p = await openPage(context, site, programs);
  try {
    console.time("load");
    const told = await p.load("sentiment");
    console.timeEnd("load");
    console.log(told.length, told[0], told.at(-2), told.at(-1));
    for (const text of ["Loved it, works great", "Broken on arrival, waste of money", "Great screen, awful battery"]) {
      console.time("call");
      console.log(await p.call("sentiment", "classify", text));
      console.timeEnd("call");
      console.log(await (program(programs.sentiment.weights, programs.sentiment.meta) as any).classify(text));
    }
    for (const text of ["Could I talk to Anna Schmidt please?"]) {
      console.time("call");
      console.log(await p.call("extract-name", "call", text));
      console.timeEnd("call");
      console.log(await program(programs["extract-name"].weights, programs["extract-name"].meta)(text));
    }
  } catch (e) { console.log(e); }
  console.log(p.console, site.requested);
  await context.close(); await site.close();
}
await browser.close();
process.exit(0);
