import { describe, expect, test } from "vitest";
import { addPlugin, linesByHand } from "./add-plugin.ts";
import type { Tool } from "./tools.ts";

/** The lines that are new, with the old ones around each place; a second time nothing changes. */
function added(text: string, tool: Tool = "vite"): string | undefined {
  const result = addPlugin(text, tool);
  if (result !== undefined) expect(addPlugin(result, tool)).toBe(result);
  return result;
}

describe("a configuration gets an import and a call, and is otherwise what it was", () => {
  test("Vite's template", () => {
    const text = `import { defineConfig } from 'vite'
import react from '@vitejs/plugin-react'

// https://vite.dev/config/
export default defineConfig({
  plugins: [react()],
})
`;
    expect(added(text)).toMatchInlineSnapshot(`
      "import { defineConfig } from 'vite'
      import react from '@vitejs/plugin-react'
      import paw from 'unplugin-paw/vite'

      // https://vite.dev/config/
      export default defineConfig({
        plugins: [react(), paw()],
      })
      "
    `);
  });

  test("a list of lines, with comments, tabs and a comma at its end", () => {
    const text = `import { defineConfig } from "vite";
export default defineConfig(({ mode }) => {
	const isTest = () => {
		return mode === "test";
	};
	return {
		plugins: [
			a(), // first
			b({ deep: [1] }), // last
		],
		base: isTest() ? "/" : "./",
	};
});
`;
    expect(added(text)).toMatchInlineSnapshot(`
      "import { defineConfig } from "vite";
      import paw from "unplugin-paw/vite";
      export default defineConfig(({ mode }) => {
      	const isTest = () => {
      		return mode === "test";
      	};
      	return {
      		plugins: [
      			a(), // first
      			b({ deep: [1] }), // last
      			paw(),
      		],
      		base: isTest() ? "/" : "./",
      	};
      });
      "
    `);
  });

  test("a list of lines without a comma at its end", () => {
    expect(
      added("export default {\n  plugins: [\n    a(),\n    b() // last\n  ]\n};\n", "rollup"),
    ).toMatchInlineSnapshot(`
      "import paw from "unplugin-paw/rollup";

      export default {
        plugins: [
          a(),
          b(), // last
          paw()
        ]
      };
      "
    `);
  });

  test("no list yet, and a type in a comment", () => {
    const text = `// @ts-check
/** @type {import("rollup").RollupOptions} */
const config = {
  input: "src/main.js",
  output: { dir: "dist" }, // plain
};
export default config;
`;
    expect(added(text, "rollup")).toMatchInlineSnapshot(`
      "// @ts-check
      import paw from "unplugin-paw/rollup";

      /** @type {import("rollup").RollupOptions} */
      const config = {
        input: "src/main.js",
        output: { dir: "dist" }, // plain
        plugins: [paw()],
      };
      export default config;
      "
    `);
  });

  test("an empty configuration", () => {
    expect(added("export default {}", "rollup")).toMatchInlineSnapshot(`
      "import paw from "unplugin-paw/rollup"

      export default { plugins: [paw()] }"
    `);
    expect(added("module.exports = { plugins: [] };", "webpack")).toMatchInlineSnapshot(`
      "const paw = require("unplugin-paw/webpack").default;

      module.exports = { plugins: [paw()] };"
    `);
  });

  test("webpack in CommonJS", () => {
    const text = `"use strict";
const path = require('path');
const HtmlWebpackPlugin = require('html-webpack-plugin');

const plugins = [new HtmlWebpackPlugin(), process.env.ANALYZE && new Analyzer()].filter(Boolean);

module.exports = (env, argv) => ({
  mode: argv.mode,
  plugins,
});
`;
    expect(added(text, "webpack")).toMatchInlineSnapshot(`
      ""use strict";
      const path = require('path');
      const HtmlWebpackPlugin = require('html-webpack-plugin');
      const paw = require('unplugin-paw/webpack').default;

      const plugins = [new HtmlWebpackPlugin(), process.env.ANALYZE && new Analyzer(), paw()].filter(Boolean);

      module.exports = (env, argv) => ({
        mode: argv.mode,
        plugins,
      });
      "
    `);
  });

  test("a script that calls esbuild", () => {
    const text = `#!/usr/bin/env node
import * as esbuild from "esbuild";

const options = { entryPoints: ["src/main.ts"], bundle: true, outdir: "dist" };
if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
`;
    expect(added(text, "esbuild")).toMatchInlineSnapshot(`
      "#!/usr/bin/env node
      import * as esbuild from "esbuild";
      import paw from "unplugin-paw/esbuild";

      const options = { entryPoints: ["src/main.ts"], bundle: true, outdir: "dist", plugins: [paw()] };
      if (process.argv.includes("--watch")) {
        const context = await esbuild.context(options);
        await context.watch();
      } else {
        await esbuild.build(options);
      }
      "
    `);
  });

  test("types around it, and the name taken", () => {
    const text = `import type { UserConfig } from "vite";
import paw from "./paw.ts";

export default { plugins: [paw()] as const } satisfies UserConfig;
`;
    expect(added(text)).toMatchInlineSnapshot(`
      "import type { UserConfig } from "vite";
      import paw from "./paw.ts";
      import unpluginPaw from "unplugin-paw/vite";

      export default { plugins: [paw(), unpluginPaw()] as const } satisfies UserConfig;
      "
    `);
  });

  test("line breaks and byte order mark stay", () => {
    expect(added("\uFEFFimport a from 'a'\r\nexport default {\r\n  plugins: [\r\n    a(),\r\n  ],\r\n}\r\n")).toBe(
      "\uFEFFimport a from 'a'\r\nimport paw from 'unplugin-paw/vite'\r\nexport default {\r\n  plugins: [\r\n    a(),\r\n    paw(),\r\n  ],\r\n}\r\n",
    );
  });
});

test.each([
  ["what is spread may have plugins", "export default { ...base, root: 1 };"],
  ["two configurations", "export default [{ input: 1 }, { input: 2 }];"],
  ["a merge", "export default mergeConfig(base, { plugins: [] });"],
  ["plugins from a function", "export default { plugins: plugins() };"],
  ["plugins on a condition", "export default { plugins: dev ? [a()] : [] };"],
  ["two answers", "export default () => { if (a) return { root: 1 }; return { root: 2 }; };"],
  ["a promise", "export default import('./other.js');"],
  ["nothing", "console.log(1);"],
  ["what cannot be read", "export default {"],
  ["a name from elsewhere", "import config from './base.js'; export default config;"],
  ["a name that changes", "let config = {}; { let config = []; } export default config;"],
])("%s is left to a person", (_, text) => {
  expect(addPlugin(text, "vite")).toBeUndefined();
});

test("two builds with esbuild are left to a person, two calls with one object are not", () => {
  const head = 'import { build } from "esbuild";\n';
  expect(addPlugin(`${head}await build({ outdir: "a" });\nawait build({ outdir: "b" });\n`, "esbuild")).toBeUndefined();
  expect(added(`${head}const o = { outdir: "a" };\nawait build(o);\nawait build(o);\n`, "esbuild")).toContain(
    'const o = { outdir: "a", plugins: [paw()] };',
  );
});

describe("frameworks and libraries", () => {
  test.each<[string, Tool, string, string]>([
    [
      "Next.js in TypeScript, as create-next-app has it",
      "next",
      'import type { NextConfig } from "next";\n\nconst nextConfig: NextConfig = {\n  /* config options here */\n};\n\nexport default nextConfig;\n',
      'import type { NextConfig } from "next";\nimport { withPaw } from "unplugin-paw/next";\n\nconst nextConfig: NextConfig = {\n  /* config options here */\n};\n\nexport default withPaw(nextConfig);\n',
    ],
    [
      "Next.js in CommonJS, wrapped already",
      "next",
      "const withMDX = require('@next/mdx')();\n\n/** @type {import('next').NextConfig} */\nconst nextConfig = { reactStrictMode: true };\n\nmodule.exports = withMDX(nextConfig);\n",
      "const withMDX = require('@next/mdx')();\nconst { withPaw } = require('unplugin-paw/next');\n\n/** @type {import('next').NextConfig} */\nconst nextConfig = { reactStrictMode: true };\n\nmodule.exports = withPaw(withMDX(nextConfig));\n",
    ],
    [
      "Next.js with a function",
      "next",
      "export default async (phase, { defaultConfig }) => {\n  return { output: 'standalone' }\n}\n",
      "import { withPaw } from 'unplugin-paw/next'\n\nexport default withPaw(async (phase, { defaultConfig }) => {\n  return { output: 'standalone' }\n})\n",
    ],
    [
      "Next.js with satisfies",
      "next",
      'import type { NextConfig } from "next";\nexport default { output: "standalone" } satisfies NextConfig;\n',
      'import type { NextConfig } from "next";\nimport { withPaw } from "unplugin-paw/next";\nexport default withPaw({ output: "standalone" } satisfies NextConfig);\n',
    ],
    [
      "Next.js with a function that is declared there",
      "next",
      "export default function config() {\n  return {};\n}\n",
      'import { withPaw } from "unplugin-paw/next";\n\nexport default withPaw(function config() {\n  return {};\n})\n',
    ],
    [
      "Nuxt's starter",
      "nuxt",
      "// https://nuxt.com/docs/api/configuration/nuxt-config\nexport default defineNuxtConfig({\n  compatibilityDate: '2025-07-15',\n  devtools: { enabled: true }\n})\n",
      "// https://nuxt.com/docs/api/configuration/nuxt-config\nexport default defineNuxtConfig({\n  compatibilityDate: '2025-07-15',\n  devtools: { enabled: true },\n  modules: ['unplugin-paw/nuxt']\n})\n",
    ],
    [
      "Nuxt with modules",
      "nuxt",
      'export default defineNuxtConfig({\n  modules: ["@nuxt/ui", ["@nuxtjs/i18n", {}]],\n});\n',
      'export default defineNuxtConfig({\n  modules: ["@nuxt/ui", ["@nuxtjs/i18n", {}], "unplugin-paw/nuxt"],\n});\n',
    ],
    [
      "Astro's starter",
      "astro",
      "// @ts-check\nimport { defineConfig } from 'astro/config';\n\n// https://astro.build/config\nexport default defineConfig({});\n",
      "// @ts-check\nimport { defineConfig } from 'astro/config';\nimport paw from 'unplugin-paw/vite';\n\n// https://astro.build/config\nexport default defineConfig({ vite: { plugins: [paw()] } });\n",
    ],
    [
      "Astro with plugins of Vite's",
      "astro",
      "import { defineConfig } from 'astro/config';\nimport tailwindcss from '@tailwindcss/vite';\nexport default defineConfig({\n  vite: {\n    plugins: [tailwindcss()]\n  }\n});\n",
      "import { defineConfig } from 'astro/config';\nimport tailwindcss from '@tailwindcss/vite';\nimport paw from 'unplugin-paw/vite';\nexport default defineConfig({\n  vite: {\n    plugins: [tailwindcss(), paw()]\n  }\n});\n",
    ],
    [
      "SvelteKit",
      "vite",
      "import { sveltekit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nexport default defineConfig({\n\tplugins: [sveltekit()]\n});\n",
      "import { sveltekit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\nimport paw from 'unplugin-paw/vite';\n\nexport default defineConfig({\n\tplugins: [sveltekit(), paw()]\n});\n",
    ],
    [
      "electron-vite",
      "electron-vite",
      "import { resolve } from 'path'\nimport { defineConfig, externalizeDepsPlugin } from 'electron-vite'\n\nexport default defineConfig({\n  main: {\n    plugins: [externalizeDepsPlugin()]\n  },\n  preload: {\n    plugins: [externalizeDepsPlugin()]\n  },\n  renderer: {}\n})\n",
      "import { resolve } from 'path'\nimport { defineConfig, externalizeDepsPlugin } from 'electron-vite'\nimport paw from 'unplugin-paw/vite'\n\nexport default defineConfig({\n  main: {\n    plugins: [externalizeDepsPlugin(), paw()]\n  },\n  preload: {\n    plugins: [externalizeDepsPlugin()]\n  },\n  renderer: {}\n})\n",
    ],
    [
      "electron-vite with an empty main",
      "electron-vite",
      'import { defineConfig } from "electron-vite";\n\nexport default defineConfig({\n  main: {},\n  preload: {},\n});\n',
      'import { defineConfig } from "electron-vite";\nimport paw from "unplugin-paw/vite";\n\nexport default defineConfig({\n  main: { plugins: [paw()] },\n  preload: {},\n});\n',
    ],
    [
      "tsup with a function",
      "tsup",
      'import { defineConfig } from "tsup";\n\nexport default defineConfig((options) => ({\n  entry: ["src/index.ts"],\n  minify: !options.watch,\n}));\n',
      'import { defineConfig } from "tsup";\nimport paw from "unplugin-paw/esbuild";\n\nexport default defineConfig((options) => ({\n  entry: ["src/index.ts"],\n  minify: !options.watch,\n  esbuildPlugins: [paw({ types: "beside" })],\n}));\n',
    ],
    [
      "tsdown",
      "tsdown",
      'import { defineConfig } from "tsdown";\n\nexport default defineConfig({ entry: "src/index.ts", dts: true });\n',
      'import { defineConfig } from "tsdown";\nimport paw from "unplugin-paw/rolldown";\n\nexport default defineConfig({ entry: "src/index.ts", dts: true, plugins: [paw()] });\n',
    ],
    [
      "Vitest",
      "vitest",
      "import { defineConfig } from 'vitest/config'\n\nexport default defineConfig({\n  test: { environment: 'node' },\n})\n",
      "import { defineConfig } from 'vitest/config'\nimport paw from 'unplugin-paw/vite'\n\nexport default defineConfig({\n  test: { environment: 'node' },\n  plugins: [paw()],\n})\n",
    ],
  ])("%s", (_, tool, text, expected) => {
    expect(added(text, tool)).toBe(expected);
  });

  test.each<[string, Tool, string]>([
    ["a name that the wrapper would take", "next", "const withPaw = 1;\nexport default {};\n"],
    ["a function that is named elsewhere", "next", "export default function config() {}\nconfig.x = 1;\n"],
    ["an export by another way", "next", "const a = {};\nexport { a as default };\n"],
    ["what is spread may have main", "electron-vite", "export default { ...base };\n"],
    ["main on a condition", "electron-vite", "export default { main: dev ? {} : undefined };\n"],
    ["Vite's part from a function", "astro", "export default { vite: vite() };\n"],
    ["several libraries", "tsup", "export default [{ entry: ['a'] }, { entry: ['b'] }];\n"],
  ])("%s is left to a person", (_, tool, text) => {
    expect(addPlugin(text, tool)).toBeUndefined();
  });

  test("the lines for a person", () => {
    expect(linesByHand("", "electron-vite")).toBe(
      '  import paw from "unplugin-paw/vite";\n  main: { plugins: [paw()] },',
    );
    expect(linesByHand("", "nuxt")).toBe('  modules: ["unplugin-paw/nuxt"],');
    expect(linesByHand("module.exports = config", "next")).toBe(
      '  const { withPaw } = require("unplugin-paw/next");\n  module.exports = withPaw(config);',
    );
  });
});
