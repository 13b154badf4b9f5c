import { describe, expect, test } from "vitest";
import { addPlugin, type Bundler } from "./config.ts";

/** The lines that are new, with the old ones around each place; a second time nothing changes. */
function added(text: string, bundler: Bundler = "vite"): string | undefined {
  const result = addPlugin(text, bundler);
  if (result !== undefined) expect(addPlugin(result, bundler)).toBe(result);
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
