import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { build as buildWithFarm } from "@farmfe/core";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import rspackCompiler, { type Configuration as RspackConfiguration } from "@rspack/core";
import esbuildBundler, { type BuildOptions } from "esbuild";
import { type OutputOptions as RolldownOutput, rolldown as rolldownBundler } from "rolldown";
import { type OutputOptions as RollupOutput, rollup as rollupBundler } from "rollup";
import type { Options } from "unplugin-paw";
import esbuildPaw from "unplugin-paw/esbuild";
import farmPaw from "unplugin-paw/farm";
import rolldownPaw from "unplugin-paw/rolldown";
import rollupPaw from "unplugin-paw/rollup";
import rspackPaw from "unplugin-paw/rspack";
import vitePaw from "unplugin-paw/vite";
import webpackPaw from "unplugin-paw/webpack";
import type * as vite8 from "vite";
import webpackCompiler, { type Configuration } from "webpack";
import { devServer } from "../plugin-helpers/app.ts";
import type { Answers } from "../web/app.ts";

/** One build of the app `fixtures/everywhere`, into its folder `out`. */
export interface Job {
  root: string;
  /** Files of `src`. Bundlers that find workers by themselves take the first one of a page for what the page runs. */
  entries: string[];
  options: Options;
}

type Build = (job: Job) => Promise<unknown>;

/** Pages that are served. */
export interface Site {
  url: string;
  close(): Promise<void>;
}

/** Where the sites lie. */
export const base = "/sub/";

type Vite = Pick<typeof vite8, "build" | "createServer">;
/** Installed in a workspace of its own, as the root has Vite 8. */
const older = createRequire(new URL("../versions/older/package.json", import.meta.url));
export const vite7: Vite = await import(pathToFileURL(older.resolve("vite")).href);

const viteConfig = ({ root, options }: Job): vite8.InlineConfig => {
  return { root, configFile: false, logLevel: "silent", plugins: [vitePaw(options)] };
};
const viteBuild = (vite: Vite, job: Job, config: vite8.InlineConfig, build: vite8.BuildEnvironmentOptions) =>
  vite.build({ ...viteConfig(job), ...config, build: { outDir: "out", sourcemap: true, ...build } });

export const viteClient =
  (vite: Vite): Build =>
  async (job: Job) => {
    const pages = await Promise.all(job.entries.map((entry) => page(job, entry)));
    // (Vite 7 makes no classic worker of what has a lazy import.)
    return viteBuild(vite, job, { base, worker: { format: "es" } }, { rollupOptions: { input: pages } });
  };
export const viteLibrary =
  (vite: Vite): Build =>
  (job: Job) => {
    const entry = job.entries.map((entry) => join(job.root, "src", entry));
    return viteBuild(vite, job, {}, { lib: { entry, formats: ["es"] } });
  };
export const viteServer =
  (vite: Vite, format: "es" | "cjs"): Build =>
  (job: Job) => {
    const output = format === "es" ? {} : cjs;
    return viteBuild(vite, job, {}, { ssr: `src/${job.entries[0]}`, rollupOptions: { output } });
  };
export const viteDevelopment =
  (vite: Vite): ((job: Job) => Promise<Site>) =>
  async (job: Job) => {
    await Promise.all(job.entries.map((entry) => page(job, entry)));
    const server = await vite.createServer({ ...viteConfig(job), base, server: { port: 0, host: "127.0.0.1" } });
    await server.listen();
    return { url: server.resolvedUrls?.local[0] as string, close: () => server.close() };
  };
export const viteServerDevelopment = async ({ root, options }: Job): Promise<Answers> => {
  const server = await devServer(root, options);
  try {
    return await server.ask("answers", "/src/ask.js");
  } finally {
    server.close();
  }
};

/** A page of the app's for Vite, whose entries are pages; the fixture's own runs `main.js`. */
async function page({ root }: Job, entry: string): Promise<string> {
  const path = join(root, `${basename(entry, ".js")}.html`);
  await writeFile(path, (await readFile(join(root, "index.html"), "utf8")).replace("main.js", entry));
  return path;
}

/** CommonJS in a package whose `.js` files are ES modules. */
export const cjs = { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "[name]-[hash].cjs" } as const;

const inputs = ({ root, entries }: Job) => entries.map((entry) => join(root, "src", entry));
const output = ({ root }: Job) => ({ dir: join(root, "out"), sourcemap: true });

export const rollup =
  (conditions: "node" | "browser", format: RollupOutput): Build =>
  async (job: Job) => {
    const resolver = conditions === "browser" ? [nodeResolve({ browser: true })] : [];
    const bundle = await rollupBundler({
      input: inputs(job),
      plugins: [resolver, rollupPaw(job.options)],
      onLog: () => {},
    });
    await bundle.write({ ...output(job), ...format });
    await bundle.close();
  };

export const rolldown =
  (platform: "node" | "browser", format: RolldownOutput): Build =>
  async (job: Job) => {
    const bundle = await rolldownBundler({
      input: inputs(job),
      platform,
      plugins: [rolldownPaw(job.options)],
      onLog: () => {},
    });
    await bundle.write({ ...output(job), ...format });
    await bundle.close();
  };

export const esbuild =
  (settings: BuildOptions): Build =>
  async (job: Job) =>
    esbuildBundler.build({
      entryPoints: inputs(job),
      outdir: join(job.root, "out"),
      bundle: true,
      sourcemap: true,
      logLevel: "silent",
      plugins: [esbuildPaw(job.options)],
      ...settings,
    });

/** Chunks and assets in folders of their own, so that a path which starts from the wrong place leads nowhere. */
export const splitting: BuildOptions = {
  ...{ format: "esm", splitting: true },
  ...{ chunkNames: "chunks/[name]-[hash]", assetNames: "files/[name]-[hash]" },
};

/** webpack's configuration; Rspack takes the same. */
function webpackConfig({ root, entries }: Job, target: "web" | "node", format: "es" | "cjs"): Configuration {
  const extension = format === "es" ? "js" : "cjs";
  return {
    context: root,
    mode: "production",
    target: target === "node" ? "node20" : "web",
    devtool: "source-map",
    entry: Object.fromEntries(entries.map((entry) => [basename(entry, ".js"), `./src/${entry}`])),
    output: {
      path: join(root, "out"),
      filename: `[name].${extension}`,
      chunkFilename: `[id]-[contenthash:8].${extension}`,
      ...(target === "web" && { publicPath: base }),
      ...(target === "node" && format === "es" && { module: true, chunkFormat: "module", library: { type: "module" } }),
    },
    ...(target === "node" && format === "es" && { experiments: { outputModule: true } }),
  };
}

export const webpack =
  (target: "web" | "node", format: "es" | "cjs"): Build =>
  (job: Job) => {
    const compiler = webpackCompiler({ ...webpackConfig(job, target, format), plugins: [webpackPaw(job.options)] });
    return finished(compiler as NonNullable<typeof compiler>);
  };
export const rspack =
  (target: "web" | "node", format: "es" | "cjs"): Build =>
  (job: Job) => {
    const config = webpackConfig(job, target, format) as RspackConfiguration;
    return finished(rspackCompiler({ ...config, plugins: [rspackPaw(job.options)] }));
  };

export const farm =
  (target: "web" | "node", format: "esm" | "cjs"): Build =>
  async (job) => {
    const extension = format === "esm" ? "js" : "cjs";
    const entry =
      target === "web" ? relative(job.root, await page(job, job.entries[0] as string)) : `src/${job.entries[0]}`;
    await buildWithFarm({
      root: job.root,
      configPath: job.root,
      plugins: [farmPaw(job.options)],
      compilation: {
        input: { [basename(entry).replace(/\..*/, "")]: `./${entry}` },
        output: {
          ...{ path: "out", format },
          ...(target === "web"
            ? { targetEnv: "browser-es2017" as const, publicPath: base }
            : {
                targetEnv: "node-next" as const,
                entryFilename: `[entryName].${extension}`,
                filename: `[name]-[hash].${extension}`,
              }),
        },
        persistentCache: false,
      },
    });
  };

interface Compiler {
  run(callback: (error: Error | null, stats?: { hasErrors(): boolean; toString(): string }) => void): void;
  close(callback: (error?: Error | null) => void): void;
}

/** Runs webpack or Rspack once. */
function finished(compiler: Compiler): Promise<void> {
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      compiler.close((closed) => {
        const failure = error ?? closed ?? (stats?.hasErrors() ? new Error(stats.toString()) : undefined);
        if (failure) reject(failure);
        else resolve();
      });
    });
  });
}
