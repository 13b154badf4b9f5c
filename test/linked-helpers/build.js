// Builds src/main.js of the working folder, which is the project's root for all bundlers: node build.js BUNDLER node|browser
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rspack } from "@rspack/core";
import esbuild from "esbuild";
import { rolldown } from "rolldown";
import { rollup } from "rollup";
import esbuildPaw from "unplugin-paw/esbuild";
import rolldownPaw from "unplugin-paw/rolldown";
import rollupPaw from "unplugin-paw/rollup";
import rspackPaw from "unplugin-paw/rspack";
import vitePaw from "unplugin-paw/vite";
import webpackPaw from "unplugin-paw/webpack";
import { build as vite } from "vite";
import webpack from "webpack";

const [, , bundler, platform] = process.argv;
const root = process.cwd();
const input = `${root}/src/main.js`;
const options = { effort: "draft", cache: process.env.PAW_CACHE, types: false };
const browser = platform === "browser";

const builds = {
  async vite() {
    const build = browser ? { rollupOptions: { input } } : { ssr: input };
    await vite({
      root,
      configFile: false,
      logLevel: "silent",
      plugins: [vitePaw(options)],
      build: { outDir: "out", ...build },
    });
  },
  async rollup() {
    const resolver = nodeResolve({ browser });
    const bundle = await rollup({ input, plugins: [resolver, rollupPaw(options)], onLog() {} });
    await bundle.write({ dir: "out" });
  },
  async rolldown() {
    const bundle = await rolldown({ input, platform, plugins: [rolldownPaw(options)], onLog() {} });
    await bundle.write({ dir: "out" });
  },
  async esbuild() {
    await esbuild.build({
      ...{ entryPoints: [input], bundle: true, platform, format: "esm", outdir: "out", logLevel: "silent" },
      plugins: [esbuildPaw(options)],
    });
  },
  webpack: () => bundle(webpack, webpackPaw(options)),
  rspack: () => bundle(rspack, rspackPaw(options)),
};

/** webpack, and Rspack in the same way. */
function bundle(compiler, plugin) {
  const output = {
    path: `${root}/out`,
    filename: "main.js",
    module: !browser,
    ...(!browser && { library: { type: "module" } }),
  };
  const config = {
    ...{ context: root, mode: "production", target: browser ? "web" : "node20", entry: input, plugins: [plugin] },
    ...{ output, experiments: { outputModule: !browser }, optimization: { minimize: false } },
    ...{ performance: false, infrastructureLogging: { level: "error" } },
  };
  return new Promise((resolve, reject) => {
    compiler(config, (error, stats) => {
      if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString({ all: false, errors: true })));
      else resolve();
    });
  });
}

await builds[bundler]().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
