// npm run demo: builds this app with Vite and with Rollup, runs both bundles with plain node, and prints what came of it.
import { execFile } from "node:child_process";
import { readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { rollup } from "rollup";
import { build, createLogger } from "vite";

process.chdir(import.meta.dirname); // relative paths of the configurations, wherever this was started
const rollupConfig = (await import("./rollup.config.js")).default;

console.log(
  "The first build on a machine downloads the interpreter (SmolLM2-135M-Instruct, 98 MB, once per user) and compiles",
);
console.log("each spec (about a minute each on two cores). Later builds take the programs from the cache.\n");
await rm("dist", { recursive: true, force: true });

/** Seconds that each spec took to compile, by its file name; the plugin says nothing of those that the cache had. */
const compiled = new Map();
const viteRunning = run("Vite", await timed("Vite", buildWithVite));
const rollupBundle = await timed("Rollup", buildWithRollup);
const vite = await viteRunning;
const rollupRun = await run("Rollup", rollupBundle);

console.log("\nWhat the bundles answer (plain node, from another folder, no network):");
console.table(vite.tickets.map(({ message, ...ticket }) => ({ message: shorten(message), ...ticket })));
if (JSON.stringify(vite.tickets) !== JSON.stringify(rollupRun.tickets)) {
  console.error("The two bundles answer differently.");
  process.exitCode = 1;
}

const assets = await readdir("dist/vite/assets");
const table = {};
for (const [i, { name, tests, times }] of vite.specs.entries()) {
  const spec = `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.paw`;
  const asset = assets.find((file) => file.startsWith(spec.replace(".paw", "-")));
  table[spec] = {
    tests: `${tests.passed}/${tests.total}`,
    score: Number(tests.accuracy.toFixed(2)),
    "blob MB": Number(((await stat(join("dist/vite/assets", asset))).size / 1e6).toFixed(1)),
    build: compiled.get(spec) ?? "cached",
    "ms a call (Vite)": median(times),
    "ms a call (Rollup)": median(rollupRun.specs[i].times),
  };
}
console.log("The specs: tests passed and score when compiled, size, time to compile, median milliseconds a call:");
console.table(table);

/** Builds, and says how long it took. */
async function timed(name, buildApp) {
  const start = performance.now();
  const bundle = await buildApp();
  console.log(`${name}: built ${bundle} in ${seconds(start)}`);
  return bundle;
}

/** Runs a bundle with plain node in another folder, and says how long it took. */
async function run(name, bundle) {
  const start = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [join(process.cwd(), bundle), "--json"], {
    cwd: tmpdir(),
  });
  console.log(`${name}: ran it in ${seconds(start)}`);
  return JSON.parse(stdout);
}

function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

async function buildWithVite() {
  const logger = createLogger("warn");
  logger.info = note;
  // Rolldown warns of plugins that take long; here that is the compile, which the plugin tells of itself.
  await build({ customLogger: logger, build: { rolldownOptions: { checks: { pluginTimings: false } } } });
  return "dist/vite/main.js";
}

async function buildWithRollup() {
  const bundle = await rollup({ ...rollupConfig, onLog: (_level, log) => note(log.message) });
  await bundle.write(rollupConfig.output);
  await bundle.close();
  return "dist/rollup/main.js";
}

/** Passes on what the plugin says, such as `paw sentiment.paw  compiled 12.3 s  1.9 MB  tests 9/10`. */
function note(line) {
  const [, spec, seconds] = line.match(/paw (\S+\.paw) {2}compiled (\S+ s)/) ?? [];
  if (spec === undefined) return;
  compiled.set(spec, seconds);
  console.log(line);
}

function median(times) {
  return Number(times.sort((a, b) => a - b)[times.length >> 1].toFixed(1));
}

function shorten(text) {
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
