// One build in a process of its own, as a user runs it: plain node and the packages as they are published. Prints milliseconds and
// megabytes as JSON.
//
// usage: node bench/plugin-build.js BUNDLER VARIANT ENTRY OUT PROGRAMS
//   VARIANT   "specs" for a build with the plugin; "modules"; "files", which a few lines here emit where the bundler does not by itself
//   PROGRAMS  the folder of compiled programs
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";

const [bundler, variant, entry, out, programs] = process.argv.slice(2);
const root = dirname(dirname(entry));
const NAMED_FILE = /new URL\("(.*)", import\.meta\.url\)/;

/** The bundler's plugins. That ours has to be loaded is a part of what it costs. */
async function plugins(name) {
  if (variant === "files") return name in emitting ? [emitting[name]] : [];
  if (variant === "modules") return [];
  const { default: paw } = await import(`unplugin-paw/${name}`);
  return [paw({ cache: programs, effort: "draft" })];
}

/** Emits the file that a module names. */
const emitFiles = {
  name: "emit-files",
  async transform(code, id) {
    const path = code.match(NAMED_FILE)?.[1];
    if (path === undefined) return null;
    const source = await readFile(resolve(dirname(id), path));
    const reference = this.emitFile({ type: "asset", name: basename(path), source });
    return code.replace(NAMED_FILE, () => `new URL(import.meta.ROLLUP_FILE_URL_${reference})`);
  },
};
const emitting = {
  rollup: emitFiles,
  rolldown: emitFiles,
  ...(bundler === "vite-server" && { vite: { ...emitFiles, config: () => ({ build: { emitAssets: true } }) } }),
  esbuild: {
    name: "emit-files",
    setup({ initialOptions, onLoad }) {
      initialOptions.loader = { ".weights": "file" };
      onLoad({ filter: /[\\/]file\d+\.js$/ }, async ({ path }) => {
        const [, file] = (await readFile(path, "utf8")).match(NAMED_FILE);
        return {
          contents: `import url from ${JSON.stringify(file)};\nexport default new URL(url, import.meta.url);\n`,
        };
      });
    },
  },
};

async function vite(build) {
  const { build: run } = await import("vite");
  return async () => run({ root, configFile: false, logLevel: "silent", plugins: await plugins("vite"), build });
}

async function rollupLike(name) {
  const { [name]: run } = await import(name);
  const platform = name === "rolldown" && { platform: "node" };
  return async () => {
    const bundle = await run({ input: entry, plugins: await plugins(name), onLog() {}, ...platform });
    await bundle.write({ dir: out });
    await bundle.close();
  };
}

async function webpackLike(name, module) {
  const { default: make } = await import(module);
  return async () => {
    const compiler = make({
      ...{ context: root, mode: "production", target: "node20", entry },
      output: { path: out, module: true, chunkFormat: "module", library: { type: "module" } },
      experiments: { outputModule: true },
      plugins: await plugins(name),
    });
    await new Promise((resolve, reject) => {
      compiler.run((error, stats) => {
        compiler.close(() => (error || stats.hasErrors() ? reject(error ?? new Error(stats.toString())) : resolve()));
      });
    });
  };
}

async function esbuild() {
  const { build } = await import("esbuild");
  return async () =>
    build({
      ...{ absWorkingDir: root, entryPoints: [entry], outdir: out, logLevel: "error" },
      ...{ bundle: true, platform: "node", format: "esm", plugins: await plugins("esbuild") },
    });
}

const bundlers = {
  "vite-client": () => vite({ outDir: out, rollupOptions: { input: entry, preserveEntrySignatures: "strict" } }),
  "vite-server": () => vite({ outDir: out, ssr: entry }),
  rollup: () => rollupLike("rollup"),
  rolldown: () => rollupLike("rolldown"),
  webpack: () => webpackLike("webpack", "webpack"),
  rspack: () => webpackLike("rspack", "@rspack/core"),
  esbuild,
};

const build = await bundlers[bundler]();
const start = performance.now();
const cpu = process.cpuUsage();
await build();
const { user, system } = process.cpuUsage(cpu);
const milliseconds = performance.now() - start;
console.log(JSON.stringify({ milliseconds, cpu: (user + system) / 1000, megabytes: peakMegabytes() }));
// (webpack's and Rspack's threads may still be there.)
process.exit(0);

/** The most memory that this process has had, and those that it started (esbuild's). */
function peakMegabytes() {
  const own = process.resourceUsage().maxRSS;
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  const theirs = children.filter(Boolean).map((child) => {
    const [, kilobytes] = readFileSync(`/proc/${child}/status`, "utf8").match(/^VmHWM:\s*(\d+)/m) ?? [];
    return Number(kilobytes ?? 0);
  });
  return theirs.reduce((sum, one) => sum + one, own) / 1000;
}
