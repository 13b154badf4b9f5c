import * as vite8 from "vite";
import type { Answers } from "../web/app.ts";
import {
  base,
  cjs,
  esbuild,
  farm,
  type Job,
  rolldown,
  rollup,
  rspack,
  type Site,
  splitting,
  vite7,
  viteClient,
  viteDevelopment,
  viteLibrary,
  viteServer,
  viteServerDevelopment,
  webpack,
} from "./builds.ts";
import type { Feature } from "./table.ts";

/** A bundler in one of its modes. */
export interface Row {
  bundler: string;
  mode: string;
  /** What runs an entry: Node, a module of a page, a classic script of a page. */
  runs: "node" | "module" | "script";
  /** Builds the app. */
  build?(job: Job): Promise<unknown>;
  /** In place of `build`: serves the app's pages. */
  serve?(job: Job): Promise<Site>;
  /** In place of `build`: gives what the app's `ask` answers on a server. */
  ask?(job: Job): Promise<Answers>;
  /** The option that says where a site lies, here at `base`. Without one, files lie beside each other. */
  option?: "base" | "publicPath";
  /**
   * How workers of the app's are built, where that is tried: the bundler finds them, or they are entries of their own.
   */
  workers?: "found" | "entries";
  /** Notes at cells of the table. */
  notes?: Partial<Record<Feature, string>>;
}

const noHash = { hash: "Vite gives the files of a library no hash (`rolldownOptions.output.assetFileNames` does)." };
const oneFile = {
  lazy: "All code is in one file. The program is one of its own all the same, which the first call fetches.",
};
const entry = { worker: "The worker is an entry of its own, under the name that the app starts it by." };
const esWorker = { worker: 'With `worker: { format: "es" }` where the worker imports lazily.' };
const farmKeeps = {
  unused: "The code is gone, but the program's file is emitted.",
  map: "unplugin gives Farm no source maps of what it loads.",
};

/** All that is tried; each is a line of the table. */
export const rows: Row[] = [
  ...of("Vite 8", [
    { mode: "client", runs: "module", build: viteClient(vite8), option: "base", workers: "found" },
    { mode: "library", runs: "module", build: viteLibrary(vite8), notes: noHash },
    { mode: "server, ESM", runs: "node", build: viteServer(vite8, "es") },
    { mode: "server, CommonJS", runs: "node", build: viteServer(vite8, "cjs") },
    { mode: "development, client", runs: "module", serve: viteDevelopment(vite8), option: "base", workers: "found" },
    { mode: "development, server", runs: "node", ask: viteServerDevelopment },
  ]),
  ...of("Vite 7", [
    { mode: "client", runs: "module", build: viteClient(vite7), option: "base", workers: "found", notes: esWorker },
    { mode: "server, ESM", runs: "node", build: viteServer(vite7, "es") },
  ]),
  ...of("Rollup 4", [
    { mode: "Node, ESM", runs: "node", build: rollup("node", {}) },
    { mode: "Node, CommonJS", runs: "node", build: rollup("node", cjs) },
    { mode: "web, ESM", runs: "module", build: rollup("browser", {}), workers: "entries", notes: entry },
    {
      mode: "web, script",
      runs: "script",
      build: rollup("browser", { format: "iife", inlineDynamicImports: true }),
      notes: oneFile,
    },
  ]),
  ...of("Rolldown 1", [
    { mode: "Node, ESM", runs: "node", build: rolldown("node", {}) },
    { mode: "Node, CommonJS", runs: "node", build: rolldown("node", cjs) },
    { mode: "web, ESM", runs: "module", build: rolldown("browser", {}), workers: "entries", notes: entry },
    { mode: "web, script", runs: "script", build: rolldown("browser", { format: "iife" }), notes: oneFile },
  ]),
  ...of("esbuild", [
    { mode: "Node, ESM", runs: "node", build: esbuild({ platform: "node", format: "esm" }), notes: oneFile },
    {
      mode: "Node, CommonJS",
      runs: "node",
      build: esbuild({ platform: "node", outExtension: { ".js": ".cjs" } }),
      notes: oneFile,
    },
    { mode: "web, ESM", runs: "module", build: esbuild(splitting), workers: "entries", notes: entry },
    {
      mode: "web, CDN",
      runs: "module",
      build: esbuild({ format: "esm", publicPath: base }),
      option: "publicPath",
      notes: oneFile,
    },
    { mode: "web, script", runs: "script", build: esbuild({}), notes: oneFile },
  ]),
  ...of("webpack 5", [
    { mode: "Node, ESM", runs: "node", build: webpack("node", "es") },
    { mode: "Node, CommonJS", runs: "node", build: webpack("node", "cjs") },
    { mode: "web", runs: "script", build: webpack("web", "es"), option: "publicPath", workers: "found" },
  ]),
  ...of("Rspack 2", [
    { mode: "Node, ESM", runs: "node", build: rspack("node", "es") },
    { mode: "Node, CommonJS", runs: "node", build: rspack("node", "cjs") },
    { mode: "web", runs: "script", build: rspack("web", "es"), option: "publicPath", workers: "found" },
  ]),
  ...of("Farm 1", [
    { mode: "Node, ESM", runs: "node", build: farm("node", "esm"), notes: farmKeeps },
    { mode: "Node, CommonJS", runs: "node", build: farm("node", "cjs"), notes: farmKeeps },
    { mode: "web", runs: "module", build: farm("web", "esm"), option: "publicPath", notes: farmKeeps },
  ]),
];

function of(bundler: string, modes: Omit<Row, "bundler">[]): Row[] {
  return modes.map((mode) => ({ bundler, ...mode }));
}
