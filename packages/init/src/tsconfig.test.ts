import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { editTsconfigs } from "./tsconfig.ts";

const temporary = mkdtempSync(join(tmpdir(), "paw-tsconfig-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

let projects = 0;
/** The tsconfig files of a project that change, as they are then; a second time none does. */
function edited(files: Record<string, string>): Record<string, string> {
  const root = join(temporary, `${++projects}`);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries({ "src/main.ts": "", ...files })) write(path, text);
  const edits = editTsconfigs(root);
  for (const { path, after } of edits) writeFileSync(path, after);
  for (const { before, after } of editTsconfigs(root)) expect(after).toBe(before);
  const changed = edits.map(({ path, after, environment }) => {
    const name = relative(root, path).replaceAll("\\", "/");
    return [environment === undefined ? name : `${name}, ${relative(root, environment)}`, after];
  });
  return Object.fromEntries(changed);
}

test("Vite's template: the file with the sources changes, comments and groups stay", () => {
  const app = `{
  "compilerOptions": {
    "tsBuildInfoFile": "./node_modules/.tmp/tsconfig.app.tsbuildinfo",
    "types": ["vite/client"],
    "skipLibCheck": true,

    /* Bundler mode */
    "moduleResolution": "bundler",

    /* Linting */
    "strict": true, // always
    "noFallthroughCasesInSwitch": true // too
  },
  "include": ["src"]
}
`;
  const files = {
    "tsconfig.json":
      '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }',
    "tsconfig.app.json": app,
    "tsconfig.node.json": '{ "include": ["vite.config.ts"] }',
    "vite.config.ts": "",
  };
  expect(edited(files)).toEqual({
    "tsconfig.app.json": `{
  "compilerOptions": {
    "tsBuildInfoFile": "./node_modules/.tmp/tsconfig.app.tsbuildinfo",
    "types": ["vite/client", "unplugin-paw/client"],
    "skipLibCheck": true,

    /* Bundler mode */
    "moduleResolution": "bundler",

    /* Linting */
    "strict": true, // always
    "noFallthroughCasesInSwitch": true, // too
    "allowArbitraryExtensions": true,
    "rootDirs": [".", "./.paw/types"]
  },
  "include": ["src"]
}
`,
  });
});

test("what is there already is added to", () => {
  const text = `{
\t"compilerOptions": {
\t\t"allowArbitraryExtensions": false,
\t\t"rootDirs": [
\t\t\t"./", // here
\t\t\t"./generated",
\t\t],
\t\t"types": [],
\t},
}
`;
  expect(edited({ "tsconfig.json": text })).toEqual({
    "tsconfig.json": `{
\t"compilerOptions": {
\t\t"allowArbitraryExtensions": true,
\t\t"rootDirs": [
\t\t\t"./", // here
\t\t\t"./generated",
\t\t\t"./.paw/types",
\t\t],
\t\t"types": ["unplugin-paw/client"],
\t},
}
`,
  });
});

test("lists that are inherited are taken over, from where they are", () => {
  const files = {
    "tsconfig.json": '{\n  "extends": ["./base/tsconfig.json", "shared/strict"],\n  "compilerOptions": {}\n}\n',
    "base/tsconfig.json": '{ "compilerOptions": { "rootDirs": ["..", "./types"], "types": ["vite/client"] } }',
    "node_modules/shared/strict.json": '{ "compilerOptions": { "allowArbitraryExtensions": true, "types": ["node"] } }',
  };
  expect(edited(files)).toEqual({
    "tsconfig.json": `{
  "extends": ["./base/tsconfig.json", "shared/strict"],
  "compilerOptions": {
    "rootDirs": [".", "./base/types", "./.paw/types"],
    "types": ["node", "unplugin-paw/client"]
  }
}
`,
  });
});

test("an alias of sources gets a second place, for their declarations", () => {
  const before = `{
  "compilerOptions": {
    "allowArbitraryExtensions": true,
    "rootDirs": [".", "./.paw/types"],
    "types": ["unplugin-paw/client"],
    "paths": {
      "@/*": ["./src/*"],
      "~/*": [
        "./src/*",
        "./.paw/types/src/*"
      ],
      "lib": ["./src/lib/index.ts"],
      "shared/*": ["../shared/src/*"],
      "tone": ["./src/tone.paw"]
    }
  }
}
`;
  expect(edited({ "tsconfig.json": before })).toEqual({
    "tsconfig.json": before
      .replace('["./src/*"]', '["./src/*", "./.paw/types/src/*"]')
      .replace('["./src/tone.paw"]', '["./src/tone.paw", "./.paw/types/src/tone.paw"]'),
  });
});

test("aliases are taken over from where they are, and counted from baseUrl; a framework's own stay its own", () => {
  const settings = { allowArbitraryExtensions: true, rootDirs: [".", "./.paw/types"], types: ["unplugin-paw/client"] };
  const withSettings = (options: object, rest: object = {}) =>
    JSON.stringify({ ...rest, compilerOptions: { ...settings, ...options } });
  const paths = (files: Record<string, string>) => {
    const { "tsconfig.json": after } = edited(files);
    return after && JSON.parse(after).compilerOptions.paths;
  };
  expect(paths({ "tsconfig.json": withSettings({ baseUrl: "src", paths: { "@/*": ["*"] } }) })).toEqual({
    "@/*": ["*", "../.paw/types/src/*"],
  });
  const base = JSON.stringify({ compilerOptions: { paths: { "@/*": ["../src/*"], node: ["../x.ts"] } } });
  const inheriting = withSettings({}, { extends: "./config/base.json" });
  expect(paths({ "config/base.json": base, "tsconfig.json": inheriting })).toEqual({
    "@/*": ["./src/*", "./.paw/types/src/*"],
    node: ["./x.ts"],
  });
  const generated = withSettings({}, { extends: "./.nuxt/base.json" });
  expect(paths({ ".nuxt/base.json": base, "tsconfig.json": generated })).toBeUndefined();
});

test("where no types are listed none are: a file beside the sources refers to the fallback", () => {
  const after = `{ "compilerOptions": { "strict": true, "allowArbitraryExtensions": true, "rootDirs": [".", "./.paw/types"] } }`;
  expect(edited({ "tsconfig.json": '{ "compilerOptions": { "strict": true } }' })).toEqual({
    "tsconfig.json, src": after,
  });
  expect(edited({ "tsconfig.json": "{}" })).toEqual({
    "tsconfig.json, src": `{
  "compilerOptions": {
    "allowArbitraryExtensions": true,
    "rootDirs": [".", "./.paw/types"]
  }
}`,
  });
});

test("a file in a folder of its own has paths from there; other packages are theirs", () => {
  const files = {
    "tsconfig.json":
      '{"files":[],"references":[{"path":"./config/tsconfig.web.json"},{"path":"./other"},{"path":"./.nuxt"}]}',
    "config/tsconfig.web.json":
      '{\r\n  "compilerOptions": {\r\n    "types": []\r\n  },\r\n  "include": ["../src/**/*.ts"]\r\n}\r\n',
    "other/package.json": "{}",
    "other/tsconfig.json": "{}",
    "other/main.ts": "",
    ".nuxt/tsconfig.json": "{}",
    ".nuxt/main.ts": "",
  };
  expect(edited(files)).toEqual({
    "config/tsconfig.web.json":
      '{\r\n  "compilerOptions": {\r\n    "types": ["unplugin-paw/client"],\r\n    "allowArbitraryExtensions": true,\r\n    "rootDirs": ["..", "../.paw/types"]\r\n  },\r\n  "include": ["../src/**/*.ts"]\r\n}\r\n',
  });
});

test.each([
  ["it is not an object in JSON", { "tsconfig.json": '{ "compilerOptions": ' }],
  ['it extends "nowhere"', { "tsconfig.json": '{ "extends": "nowhere" }' }],
  ["there is no file", { "tsconfig.json": '{ "extends": "./.generated/tsconfig.json" }' }],
  ["`rootDirs` is no list", { "tsconfig.json": '{ "compilerOptions": { "rootDirs": "src" } }' }],
  [
    "none of the files",
    { "tsconfig.json": '{ "files": [], "references": [{ "path": "./a" }] }', "a/tsconfig.json": '{ "files": [] }' },
  ],
])("%s: left to a person", (message, files) => {
  expect(() => edited(files)).toThrow(message);
});

test("SvelteKit, whose generated file a fresh clone lacks: its list is taken over", () => {
  const own = `{
	"extends": "./.svelte-kit/tsconfig.json",
	"compilerOptions": {
		"strict": true
	}
}
`;
  const [[, after] = []] = Object.entries(edited({ "tsconfig.json": own }));
  expect(JSON.parse(after as string).compilerOptions).toEqual({
    strict: true,
    allowArbitraryExtensions: true,
    rootDirs: [".", "./.svelte-kit/types", "./.paw/types"],
  });
});
