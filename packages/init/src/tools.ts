/** What a project is built or run with, and has a configuration for. */
export type Tool =
  | ("next" | "nuxt" | "astro" | "electron-vite")
  | ("vite" | "rollup" | "rolldown" | "webpack" | "rspack" | "esbuild")
  | ("tsdown" | "tsup")
  | "vitest";

interface Facts {
  /** The package that says that a project has it. */
  package: string;
  /** Its configuration, without the extension; esbuild's is a script. */
  file?: string;
  /** The entry of the plugin. */
  entry: string;
  /** Where the configuration has its list of plugins, and what it is called. */
  list: readonly string[];
  /** How the plugin gets in: a call in the list, its name in the list, or a call around all that is exported. */
  as: "call" | "name" | "wrapper";
  /** What the plugin is called with. */
  options?: string;
  /** A configuration to start with, where the tool does without. */
  empty?: string;
}

const plugin = { list: ["plugins"], as: "call" } as const;
const define = (from: string) => `import { defineConfig } from "${from}";\n\nexport default defineConfig({});\n`;

/** Frameworks stand first: where there is one, it decides which configuration counts. */
const TOOLS: Record<Tool, Facts> = {
  next: {
    ...{ package: "next", file: "next.config", entry: "next", list: [], as: "wrapper" },
    empty: '/** @type {import("next").NextConfig} */\nconst nextConfig = {};\n\nexport default nextConfig;\n',
  },
  nuxt: {
    ...{ package: "nuxt", file: "nuxt.config", entry: "nuxt", list: ["modules"], as: "name" },
    empty: "export default defineNuxtConfig({});\n",
  },
  astro: {
    ...{ package: "astro", file: "astro.config", entry: "vite", list: ["vite", "plugins"], as: "call" },
    empty: define("astro/config"),
  },
  "electron-vite": {
    ...{ package: "electron-vite", file: "electron.vite.config", entry: "vite", list: ["main", "plugins"], as: "call" },
    empty: define("electron-vite"),
  },
  vite: { package: "vite", file: "vite.config", entry: "vite", ...plugin, empty: define("vite") },
  rollup: { package: "rollup", file: "rollup.config", entry: "rollup", ...plugin },
  rolldown: { package: "rolldown", file: "rolldown.config", entry: "rolldown", ...plugin },
  webpack: { package: "webpack", file: "webpack.config", entry: "webpack", ...plugin },
  rspack: { package: "@rspack/core", file: "rspack.config", entry: "rspack", ...plugin },
  tsdown: { package: "tsdown", file: "tsdown.config", entry: "rolldown", ...plugin, empty: define("tsdown") },
  tsup: {
    ...{ package: "tsup", file: "tsup.config", entry: "esbuild", list: ["esbuildPlugins"], as: "call" },
    options: '{ types: "beside" }', // its declarations know no `rootDirs`
    empty: define("tsup"),
  },
  esbuild: { package: "esbuild", entry: "esbuild", ...plugin },
  vitest: { package: "vitest", file: "vitest.config", entry: "vite", ...plugin, empty: define("vitest/config") },
};

export const tools: readonly Tool[] = Object.keys(TOOLS) as Tool[];

/** Frameworks that bring their own configuration: no other one counts beside it. */
export const FRAMEWORKS: readonly Tool[] = ["next", "nuxt", "astro", "electron-vite"];

export function factsOf(tool: Tool): Facts {
  return TOOLS[tool];
}

/**
 * Packages of frameworks that paw init does not know and that read no `vite.config`, with the file that they do read.
 */
export const OTHERS: Readonly<Record<string, string>> = {
  "@angular/build": "angular.json",
  "@quasar/app-vite": "quasar.config",
  "@rsbuild/core": "rsbuild.config",
  "@umijs/max": ".umirc.ts",
  gatsby: "gatsby-node.js",
  parcel: ".parcelrc",
  vinxi: "app.config",
  vitepress: ".vitepress/config",
  wxt: "wxt.config",
};
