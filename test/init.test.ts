import { execFile, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The built command on projects as people have them, which are then built and type-checked. They lie inside the
// workspace, so that bundlers and packages are found without an installation.
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const paw = path("../packages/cli/bin/paw.js");
const temporary = path(`./.tmp-init-${process.pid}`);

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function run(cwd: string, command: string, ...args: string[]): Promise<Outcome> {
  const done = promisify(execFile)(command, args, { cwd });
  return await done.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

const init = (cwd: string, ...args: string[]) => run(cwd, process.execPath, paw, "init", ...args);
const node = (cwd: string, ...args: string[]) => run(cwd, process.execPath, ...args);

// Without examples there is nothing to search: it compiles in about a second.
const SPEC = "---\nreturns: [polite, rude]\n---\nIs this message polite or rude?\n";
const MAIN = `import tone from "./tone.paw";\n\nconsole.log(JSON.stringify(await tone("Thank you")));\n`;

/** Makes a project; its programs are shared with the others. */
function project(name: string, files: Record<string, string | object>): string {
  const root = join(temporary, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(temporary, "cache"), join(root, "node_modules/.cache"));
  return root;
}

const read = (root: string, file: string) => readFileSync(join(root, file), "utf8");
const json = (root: string, file: string) => JSON.parse(read(root, file));
/** The project's files. */
const listed = (root: string) =>
  (readdirSync(root, { recursive: true }) as string[])
    .filter((file) => !/^(?:node_modules|\.git)\b(?!ignore)/.test(file) && statSync(join(root, file)).isFile())
    .sort();

/** Puts the plugin in, and finds nothing to do the second time. */
async function initTwice(root: string, ...args: string[]): Promise<Outcome> {
  const first = await init(root, "--yes", ...args);
  expect(first).toMatchObject({ code: 0 });
  const files = listed(root);
  const before = files.map((file) => read(root, file));
  expect(await init(root, ...args)).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringContaining("Nothing is missing"),
  });
  expect(files.map((file) => read(root, file))).toEqual(before);
  return first;
}

beforeAll(() => {
  if (!existsSync(paw)) throw new Error(`${paw} is missing: run npm run build.`);
  mkdirSync(join(temporary, "cache"), { recursive: true });
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const LABELS = expect.stringMatching(/^"(?:polite|rude)"\n$/);

describe("Vite's template in TypeScript, with references", () => {
  let root: string;
  const app = `{
  "compilerOptions": {
    "target": "es2023",
    "module": "esnext",
    "lib": ["ES2023", "DOM"],
    "types": ["vite/client"],
    "skipLibCheck": true,

    /* Bundler mode */
    "moduleResolution": "bundler",
    "noEmit": true,

    /* Linting */
    "strict": true
  },
  "include": ["src"]
}
`;
  beforeAll(() => {
    root = project("vite", {
      "package.json": {
        ...{ name: "app", private: true, version: "0.0.0", type: "module" },
        scripts: { dev: "vite", build: "tsc -b && vite build" },
        devDependencies: { typescript: "~6.0.3", vite: "^8.3.8" },
      },
      ".git/HEAD": "",
      ".gitignore": "node_modules\ndist",
      "index.html": '<!doctype html>\n<script type="module" src="/src/main.ts"></script>\n',
      "vite.config.ts":
        "import { defineConfig } from 'vite'\n\n// https://vite.dev/config/\nexport default defineConfig({})\n",
      "tsconfig.json":
        '{\n  "files": [],\n  "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }]\n}\n',
      "tsconfig.app.json": app,
      "tsconfig.node.json": app
        .replace('"types": ["vite/client"],', '"types": ["node"],')
        .replace('["src"]', '["vite.config.ts"]'),
      "src/tone.paw": SPEC,
      "src/main.ts": `import tone from "./tone.paw";

const answer: "polite" | "rude" = await tone("Thank you");
// @ts-expect-error not a label
const wrong: "friendly" = answer;
document.body.textContent = wrong;
`,
    });
  });

  test("gets what it lacks, as a diff", async () => {
    const { stdout, stderr } = await initTwice(root);
    expect(stdout).toMatchInlineSnapshot(`
      "--- a/vite.config.ts
      +++ b/vite.config.ts
      @@ -1,4 +1,5 @@
       import { defineConfig } from 'vite'
      +import paw from 'unplugin-paw/vite'
       
       // https://vite.dev/config/
      -export default defineConfig({})
      +export default defineConfig({ plugins: [paw()] })
      --- a/tsconfig.app.json
      +++ b/tsconfig.app.json
      @@ -2,16 +2,18 @@
         "compilerOptions": {
           "target": "es2023",
           "module": "esnext",
           "lib": ["ES2023", "DOM"],
      -    "types": ["vite/client"],
      +    "types": ["vite/client", "unplugin-paw/client"],
           "skipLibCheck": true,
       
           /* Bundler mode */
           "moduleResolution": "bundler",
           "noEmit": true,
       
           /* Linting */
      -    "strict": true
      +    "strict": true,
      +    "allowArbitraryExtensions": true,
      +    "rootDirs": [".", "./.paw/types"]
         },
         "include": ["src"]
       }
      --- a/package.json
      +++ b/package.json
      @@ -4,11 +4,18 @@
         "version": "0.0.0",
         "type": "module",
         "scripts": {
           "dev": "vite",
      -    "build": "tsc -b && vite build"
      +    "build": "tsc -b && vite build",
      +    "typecheck": "paw types && tsc -b"
         },
         "devDependencies": {
      +    "@unplugin-paw/cli": "^0.1.0",
           "typescript": "~6.0.3",
      +    "unplugin-paw": "^0.1.0",
           "vite": "^8.3.8"
      +  },
      +  "dependencies": {
      +    "@unplugin-paw/runtime": "^0.1.0",
      +    "onnxruntime-web": "1.30.0"
         }
       }
      --- a/.gitignore
      +++ b/.gitignore
      @@ -1,2 +1,3 @@
       node_modules
      -dist
      \\ No newline at end of file
      +dist
      +.paw/
      "
    `);
    expect(stderr).toContain("Written. Next: npm install\n");
  });

  test("builds and type-checks", async () => {
    expect(await run(root, "npm", "run", "typecheck")).toMatchObject({ code: 0 });
    expect(await node(root, path("../node_modules/vite/bin/vite.js"), "build")).toMatchObject({ code: 0 });
    expect(listed(join(root, "dist"))).toContainEqual(expect.stringMatching(/tone-.*\.weights$/));
  });
});

test("Rollup in JavaScript", async () => {
  const root = project("rollup", {
    "package.json": '{\n\t"type": "module",\n\t"dependencies": {\n\t\t"zod": "^4.0.0"\n\t}\n}',
    "rollup.config.js": 'export default {\n  input: "src/main.js",\n  output: { dir: "dist", format: "es" }\n};\n',
    "src/main.js": MAIN,
    "src/tone.paw": SPEC,
  });
  await initTwice(root);
  expect(read(root, "package.json")).toMatchInlineSnapshot(`
    "{
    	"type": "module",
    	"dependencies": {
    		"@unplugin-paw/runtime": "^0.1.0",
    		"onnxruntime-node": "^1.30.0",
    		"zod": "^4.0.0"
    	},
    	"devDependencies": {
    		"@unplugin-paw/cli": "^0.1.0",
    		"unplugin-paw": "^0.1.0"
    	}
    }"
  `);
  expect(existsSync(join(root, "tsconfig.json"))).toBe(false);
  expect(await node(root, path("../node_modules/rollup/dist/bin/rollup"), "-c")).toMatchObject({ code: 0 });
  expect(await node(root, "dist/main.js")).toMatchObject({ code: 0, stdout: LABELS });
});

describe("webpack and Rspack in CommonJS", () => {
  const config = (name: string) => `const path = require("path");

/** @type {import("${name}").Configuration} */
const config = {
  mode: "production",
  target: "node",
  entry: "./src/main.mjs",
  output: { path: path.resolve(__dirname, "dist"), filename: "main.cjs" },
};

module.exports = () => config;
`;
  const script = (name: string, file: string) => `require("${name}")(require("./${file}")(), (error, stats) => {
  if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exitCode = 1; }
});
`;
  test.each([
    ["webpack", "webpack"],
    ["rspack", "@rspack/core"],
  ])("%s", async (bundler, name) => {
    const root = project(bundler, {
      "package.json": { name: "server", devDependencies: { [name]: "*" } },
      [`${bundler}.config.js`]: config(name),
      "build.cjs":
        name === "webpack"
          ? script(name, "webpack.config.js")
          : script(name, "rspack.config.js").replace(")(require", ").rspack(require"),
      "src/main.mjs": MAIN,
      "src/tone.paw": SPEC,
    });
    await initTwice(root);
    expect(read(root, `${bundler}.config.js`)).toContain(`const paw = require("unplugin-paw/${bundler}").default;\n`);
    expect(json(root, "package.json").dependencies).toHaveProperty("onnxruntime-node");
    expect(await node(root, "build.cjs")).toMatchObject({ code: 0, stderr: "" });
    expect(await node(root, "dist/main.cjs")).toMatchObject({ code: 0, stdout: LABELS });
  });
});

test("a script that calls esbuild, and a tsconfig.json without types", async () => {
  const root = project("esbuild", {
    "package.json": {
      type: "module",
      scripts: { build: "node scripts/bundle.js", typecheck: "tsc" },
      devDependencies: { typescript: "~6.0.3", esbuild: "*" },
    },
    "tsconfig.json":
      '{\n  "compilerOptions": {\n    "module": "nodenext",\n    "strict": true,\n    "skipLibCheck": true,\n    "noEmit": true\n  },\n  "include": ["src"]\n}\n',
    "scripts/bundle.js": `import { build } from "esbuild";

await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  platform: "node",
  format: "esm",
  outdir: "dist",
});
`,
    "src/main.ts": `import tone from "./tone.paw";\n\nexport const answer: string = await tone("Thank you");\n`,
    "src/tone.paw": SPEC,
  });
  const { stderr } = await initTwice(root);
  expect(stderr).toContain('Put `paw types && ` before the script "typecheck"');
  expect(json(root, "package.json").scripts.typecheck).toBe("tsc");
  expect(read(root, "src/paw-env.d.ts")).toBe('/// <reference types="unplugin-paw/client" />\n');
  // A fresh clone: there are no declarations yet.
  expect(await run(root, "npm", "run", "typecheck")).toMatchObject({ code: 0 });
  expect(await node(root, "scripts/bundle.js")).toMatchObject({ code: 0 });
  expect(
    await node(root, "-e", 'import("./dist/main.js").then(({ answer }) => console.log(JSON.stringify(answer)))'),
  ).toMatchObject({ code: 0, stdout: LABELS });
});

test("a package of a monorepo: options that it inherits, a .gitignore above it, pnpm", async () => {
  const root = project("monorepo", {
    "package.json": { private: true },
    "pnpm-lock.yaml": "",
    ".gitignore": ".paw/\n",
    ".git/HEAD": "",
    "tsconfig.base.json": {
      compilerOptions: {
        module: "esnext",
        moduleResolution: "bundler",
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        types: ["node"],
      },
    },
    "packages/app/package.json": { name: "app", type: "module", devDependencies: { typescript: "~6.0.3", vite: "*" } },
    "packages/app/tsconfig.json": '{\n  "extends": "../../tsconfig.base.json"\n}\n',
    "packages/app/vite.config.mts":
      'import { defineConfig } from "vite";\n\nexport default defineConfig({\n  build: { ssr: "src/main.ts" },\n});\n',
    "packages/app/src/main.ts": MAIN,
    "packages/app/src/tone.paw": SPEC,
  });
  const app = join(root, "packages/app");
  const { stderr } = await initTwice(app);
  expect(stderr).toContain("Next: pnpm install");
  expect(existsSync(join(app, ".gitignore"))).toBe(false);
  expect(json(app, "tsconfig.json").compilerOptions.types).toEqual(["node", "unplugin-paw/client"]);
  expect(json(app, "package.json").dependencies).toHaveProperty("onnxruntime-node");
  expect(await run(app, "npm", "run", "typecheck")).toMatchObject({ code: 0 });
  expect(await node(app, path("../node_modules/vite/bin/vite.js"), "build")).toMatchObject({ code: 0 });
  expect(await node(app, "dist/main.js")).toMatchObject({ code: 0, stdout: LABELS });
});

describe("frameworks, as their starters make them", () => {
  /** What a starter has, which configuration changes, and what must be in it afterwards. */
  const starters: [name: string, files: Record<string, string | object>, config: string, expected: string][] = [
    [
      "next",
      {
        "package.json": { scripts: { dev: "next dev" }, dependencies: { next: "16.0.0", react: "19.2.0" } },
        "next.config.ts":
          'import type { NextConfig } from "next";\n\nconst nextConfig: NextConfig = {};\n\nexport default nextConfig;\n',
        "tsconfig.json": {
          compilerOptions: { module: "esnext", moduleResolution: "bundler", noEmit: true, paths: { "@/*": ["./*"] } },
          include: ["next-env.d.ts", "**/*.ts", "**/*.tsx", ".next/types/**/*.ts"],
        },
        "app/page.tsx": "export default () => null;\n",
      },
      "next.config.ts",
      "export default withPaw(nextConfig);",
    ],
    [
      "next-bare",
      { "package.json": { dependencies: { next: "16.0.0", vite: "^8.0.0" } }, "app/page.jsx": "" },
      "next.config.mjs",
      "export default withPaw(nextConfig);",
    ],
    [
      "nuxt",
      {
        "package.json": {
          type: "module",
          scripts: { dev: "nuxt dev" },
          dependencies: { nuxt: "^4.2.0", vue: "^3.5.0" },
        },
        "nuxt.config.ts": "export default defineNuxtConfig({\n  devtools: { enabled: true }\n})\n",
        "tsconfig.json": '{\n  "files": [],\n  "references": [{ "path": "./.nuxt/tsconfig.app.json" }]\n}\n',
      },
      "nuxt.config.ts",
      'modules: ["unplugin-paw/nuxt"]',
    ],
    [
      "astro",
      {
        "package.json": { type: "module", scripts: { dev: "astro dev" }, dependencies: { astro: "^5.16.0" } },
        "astro.config.mjs":
          "// @ts-check\nimport { defineConfig } from 'astro/config';\n\nexport default defineConfig({});\n",
        "src/pages/index.astro": "---\n---\n",
      },
      "astro.config.mjs",
      "export default defineConfig({ vite: { plugins: [paw()] } });",
    ],
    [
      "sveltekit",
      {
        "package.json": {
          type: "module",
          scripts: { check: "svelte-kit sync && svelte-check --tsconfig ./tsconfig.json" },
          devDependencies: { "@sveltejs/kit": "^2.50.0", svelte: "^5.0.0", typescript: "~6.0.3", vite: "^7.0.0" },
        },
        "svelte.config.js": "export default { kit: {} };\n",
        "vite.config.ts":
          "import { sveltekit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nexport default defineConfig({\n\tplugins: [sveltekit()]\n});\n",
        "tsconfig.json":
          '{\n\t"extends": "./.svelte-kit/tsconfig.json",\n\t"compilerOptions": {\n\t\t"strict": true\n\t}\n}\n',
        "src/routes/+page.ts": "",
      },
      "vite.config.ts",
      "plugins: [sveltekit(), paw()]",
    ],
    [
      "react-router",
      {
        "package.json": {
          type: "module",
          scripts: { typecheck: "react-router typegen && tsc" },
          devDependencies: { "@react-router/dev": "^7.9.0", typescript: "~6.0.3", vite: "^7.0.0" },
        },
        "react-router.config.ts": "export default { ssr: true };\n",
        "vite.config.ts":
          'import { reactRouter } from "@react-router/dev/vite";\nimport { defineConfig } from "vite";\n\nexport default defineConfig({\n  plugins: [reactRouter()],\n});\n',
        "tsconfig.json":
          '{\n  "include": ["**/*", ".react-router/types/**/*"],\n  "compilerOptions": {\n    "types": ["node", "vite/client"],\n    "rootDirs": [".", "./.react-router/types"],\n    "paths": { "~/*": ["./app/*"] }\n  }\n}\n',
        "app/root.tsx": "",
      },
      "vite.config.ts",
      "plugins: [reactRouter(), paw()],",
    ],
    [
      "electron-vite",
      {
        "package.json": { devDependencies: { "electron-vite": "^5.0.0", vite: "^7.0.0", electron: "^39.0.0" } },
        "electron.vite.config.ts":
          "import { defineConfig } from 'electron-vite'\n\nexport default defineConfig({\n  main: {},\n  preload: {},\n  renderer: {}\n})\n",
      },
      "electron.vite.config.ts",
      "main: { plugins: [paw()] },",
    ],
    [
      "tests-only",
      {
        "package.json": { type: "module", devDependencies: { vitest: "^4.1.0", vite: "^8.0.0" } },
        "vitest.config.ts":
          'import { defineConfig } from "vitest/config";\n\nexport default defineConfig({ test: {} });\n',
      },
      "vitest.config.ts",
      "export default defineConfig({ test: {}, plugins: [paw()] });",
    ],
    [
      "library",
      {
        "package.json": { type: "module", devDependencies: { tsdown: "^0.21.0", vitest: "^4.1.0" } },
        "tsdown.config.ts": 'import { defineConfig } from "tsdown";\n\nexport default defineConfig({ dts: true });\n',
        "vitest.config.ts":
          'import { defineConfig } from "vitest/config";\n\nexport default defineConfig({ test: {} });\n',
      },
      "tsdown.config.ts",
      'import paw from "unplugin-paw/rolldown";',
    ],
  ];

  test.each(starters)("%s", async (name, files, config, expected) => {
    const root = project(`framework-${name}`, files);
    await initTwice(root);
    expect(read(root, config)).toContain(expected);
    // Nothing that the framework would not read.
    const known = Object.keys(files);
    const added = listed(root).filter((file) => !known.includes(file));
    expect(added.filter((file) => file !== config && !file.endsWith("paw-env.d.ts"))).toEqual([]);
    const { dependencies } = json(root, "package.json");
    expect(dependencies).toHaveProperty("onnxruntime-node");
    const pages = ["next", "next-bare", "nuxt", "astro", "sveltekit", "react-router"].includes(name);
    expect("onnxruntime-web" in dependencies).toBe(pages);
  });

  test("their tests have the plugin, too, and generated lists of types are kept", async () => {
    const root = (name: string) => join(temporary, `framework-${name}`);
    expect(read(root("library"), "vitest.config.ts")).toContain('import paw from "unplugin-paw/vite";');
    expect(json(root("sveltekit"), "tsconfig.json").compilerOptions.rootDirs).toContain("./.svelte-kit/types");
    const { compilerOptions } = json(root("react-router"), "tsconfig.json");
    expect(compilerOptions.rootDirs).toEqual([".", "./.react-router/types", "./.paw/types"]);
    expect(compilerOptions.paths).toEqual({ "~/*": ["./app/*", "./.paw/types/app/*"] });
    expect(json(root("next"), "tsconfig.json").compilerOptions.paths).toEqual({ "@/*": ["./*", "./.paw/types/*"] });
  });

  test("one that is not known is named, and gets no vite.config", async () => {
    const root = project("framework-unknown", { "package.json": { devDependencies: { vitepress: "*", vite: "*" } } });
    expect(await init(root, "--yes")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("This is a project of vitepress, which paw init does not know."),
    });
    expect(listed(root)).toEqual(["package.json"]);
  });
});

test("Node without a bundler: the scripts load specs", async () => {
  const root = project("plain", {
    "package.json": { type: "module", scripts: { start: "node main.js", build: "node build.js" } },
    "main.js": MAIN,
    "tone.paw": SPEC,
  });
  await initTwice(root);
  const { scripts, dependencies, devDependencies } = json(root, "package.json");
  expect(scripts).toEqual({ start: "node --import unplugin-paw/register main.js", build: "node build.js" });
  expect(Object.keys(dependencies)).toEqual(["@unplugin-paw/runtime", "onnxruntime-node", "unplugin-paw"]);
  expect(Object.keys(devDependencies)).toEqual(["@unplugin-paw/cli"]);
  expect(await run(root, "npm", "start", "--silent")).toMatchObject({ code: 0, stdout: LABELS });
});

test("a configuration of an unusual shape stays as it is, and the lines for it are shown", async () => {
  const config =
    'import { defineConfig, mergeConfig } from "vite";\nimport base from "./base.js";\n\nexport default mergeConfig(base, defineConfig({}));\n';
  const root = project("unusual", { "package.json": {}, "vite.config.js": config, "tsconfig.json": "{ nothing" });
  const { code, stderr } = await init(root, "--yes");
  expect(code).toBe(1);
  expect(stderr).toContain(
    'vite.config.js has a shape that paw init does not understand. Add the plugin to it:\n\n  import paw from "unplugin-paw/vite";\n  plugins: [paw()],\n',
  );
  expect(stderr).toContain("tsconfig.json cannot be changed: it is not an object in JSON.");
  expect(stderr).toContain('  "rootDirs": [".", "./.paw/types"],\n');
  expect(read(root, "vite.config.js")).toBe(config);
  expect(json(root, "package.json").devDependencies).toHaveProperty("unplugin-paw");
});

test("a configuration elsewhere is named", async () => {
  const merged =
    'const { merge } = require("webpack-merge");\nmodule.exports = merge(require("./webpack.common"), {});\n';
  const root = project("named", {
    "package.json": { devDependencies: { webpack: "*" } },
    "build/webpack.common.js": 'module.exports = {\n  target: ["node20"],\n};\n',
    "webpack.config.js": merged,
  });
  const { code, stderr } = await init(root, "--yes");
  expect(code).toBe(1);
  expect(stderr).toContain('  const paw = require("unplugin-paw/webpack").default;\n  plugins: [paw()],\n');
  expect(await init(root, "--yes", "build/webpack.common.js")).toMatchObject({ code: 0 });
  expect(read(root, "build/webpack.common.js")).toBe(
    'const paw = require("unplugin-paw/webpack").default;\n\nmodule.exports = {\n  target: ["node20"],\n  plugins: [paw()],\n};\n',
  );
  expect(await init(root, "build/webpack.common.js")).toMatchObject({ code: 0, stdout: "" });
  expect(read(root, "webpack.config.js")).toBe(merged);
});

test("Vite without a configuration gets one, and a spec to begin with", async () => {
  const root = project("bare", {
    "package.json": { type: "module", devDependencies: { vite: "*" } },
    "index.html": "",
  });
  await initTwice(root, "--example");
  expect(read(root, "vite.config.js")).toBe(
    'import { defineConfig } from "vite";\nimport paw from "unplugin-paw/vite";\n\nexport default defineConfig({ plugins: [paw()] });\n',
  );
  expect(await node(root, paw, "types")).toMatchObject({
    code: 0,
    stdout: `wrote ${join(".paw/types/tone.d.paw.ts")}\n`,
  });
});

describe("without an answer nothing is written", () => {
  const files = { "package.json": { devDependencies: { vite: "*" } } };

  test("no terminal and no --yes", async () => {
    const root = project("no-terminal", files);
    expect(await init(root)).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("+++ b/vite.config.mjs\n"),
      stderr: expect.stringContaining("Give --yes"),
    });
    expect(listed(root)).toEqual(["package.json"]);
  });

  // (A terminal is made by `script`, which Linux distributions have.)
  test.runIf(existsSync("/usr/bin/script"))("on a terminal it asks once", async () => {
    const root = project("terminal", files);
    /** Types a text when the question is there; gives the exit code. */
    const answer = async (text: string) => {
      const child = spawn("/usr/bin/script", ["-qec", `'${process.execPath}' '${paw}' init`, "/dev/null"], {
        cwd: root,
      });
      let shown = "";
      child.stdout.on("data", (chunk) => {
        shown += chunk;
        if (!/\[y\/N\] /.test(shown) || !text) return;
        child.stdin.write(text);
        text = "";
      });
      return await new Promise((resolve) => child.on("close", resolve));
    };
    expect(await answer("n\r")).toBe(1);
    expect(await answer("\u0003")).toBe(130);
    expect(await answer("\u0004")).toBe(1);
    expect(listed(root)).toEqual(["package.json"]);
    expect(await answer("y\r")).toBe(0);
    expect(listed(root)).toEqual(["package.json", "vite.config.mjs"]);
  });
});

describe("wrong usage", () => {
  test.each([
    ["no package", { "vite.config.ts": "" }, [], "There is no package.json here."],
    ["no bundler", { "package.json": {} }, [], "There is no bundler's configuration here."],
    [
      "two",
      { "package.json": {}, "vite.config.ts": "", "rollup.config.js": "" },
      [],
      "There are vite.config.ts and rollup.config.js.",
    ],
    ["a file that is not there", { "package.json": {} }, ["build.js"], "There is no file build.js."],
    ["a file of nobody", { "package.json": {}, "build.js": "" }, ["build.js"], "does not say which bundler"],
    ["a package.json that is none", { "package.json": "{", "vite.config.ts": "" }, [], "package.json is not JSON"],
  ])("%s", async (name, files: Record<string, string | object>, args, message) => {
    const root = project(`wrong-${name.replaceAll(" ", "-")}`, files);
    expect(await init(root, "--yes", ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(listed(root)).toEqual(Object.keys(files).sort());
  });
});
