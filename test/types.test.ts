import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "tsdown";
import paws from "unplugin-paw/rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Position, startLanguageServer, startTsserver } from "./types-helpers/server.ts";

// Real compilers on the declarations that the built command writes. The folder is inside the workspace, so that its
// packages are found.
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const paw = path("../packages/cli/bin/paw.js");
const temporary = path(`./.tmp-types-${process.pid}`);
const VERSIONS = {
  "5.9": path("./versions/older/node_modules/typescript/"),
  "6.0": path("../node_modules/typescript/"),
  "7.0": path("./versions/newer/node_modules/typescript/"),
};
const RESOLUTIONS = { bundler: "esnext", nodenext: "nodenext" };
const rows = (Object.keys(VERSIONS) as (keyof typeof VERSIONS)[]).flatMap((version) =>
  Object.entries(RESOLUTIONS).map(([moduleResolution, module]) => ({ version, moduleResolution, module })),
);

const OPTIONS = {
  ...{ target: "es2023", lib: ["es2023", "dom"], strict: true, exactOptionalPropertyTypes: false, noEmit: true },
  ...{ module: "esnext", moduleResolution: "bundler", types: [] as string[], skipLibCheck: true },
};
const EXACT = { allowArbitraryExtensions: true, rootDirs: [".", "./.paw/types"] };
/** Another package's specs are found through that package's own declarations. */
const EXACT_WITH_SHARED = { ...EXACT, rootDirs: [...EXACT.rootDirs, "../shared", "../shared/.paw/types"] };

interface Outcome {
  code: number;
  stdout: string;
}

async function run(script: string, args: string[], cwd: string): Promise<Outcome> {
  const done = promisify(execFile)(process.execPath, [script, ...args], { cwd });
  return await done.then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  );
}

let configs = 0;
/** Type-checks files of a project; a tsconfig.json of their own says how. */
async function check(
  version: keyof typeof VERSIONS,
  project: string,
  compilerOptions: object,
  ...files: string[]
): Promise<Outcome> {
  const config = join(project, `tsconfig.${++configs}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...OPTIONS, ...compilerOptions }, files }));
  return await run(join(VERSIONS[version], "bin/tsc"), ["-p", config, "--pretty", "false"], project);
}

/** A copy of both packages of the fixture. */
function copy(name: string): { app: string; shared: string } {
  const folder = join(temporary, name);
  cpSync(path("../fixtures/types"), folder, { recursive: true });
  return { app: join(folder, "app"), shared: join(folder, "shared") };
}

const good: Outcome = { code: 0, stdout: "" };
let typed: ReturnType<typeof copy>;
let fresh: ReturnType<typeof copy>;
let beside: string;
beforeAll(async () => {
  if (!existsSync(paw)) throw new Error(`${paw} is missing: run npm run build.`);
  typed = copy("typed");
  fresh = copy("fresh");
  beside = copy("beside").app;
  expect((await run(paw, ["types", "--beside"], beside)).code).toBe(0);
  for (const project of [typed.app, typed.shared]) expect((await run(paw, ["types"], project)).code).toBe(0);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe.each(rows)("TypeScript $version, $moduleResolution", ({ version, ...resolution }) => {
  test("the compiler is the one it should be", async () => {
    const { stdout } = await run(join(VERSIONS[version], "bin/tsc"), ["--version"], temporary);
    expect(stdout).toContain(`Version ${version}.`);
  });

  test("declarations are exact, and win over the fallback", async () => {
    const options = { ...EXACT_WITH_SHARED, types: ["unplugin-paw/client"], ...resolution };
    expect(await check(version, typed.app, options, "src/exact.ts", "src/outside.ts")).toEqual(good);
    expect(await check(version, typed.shared, { ...EXACT, ...resolution }, "src/index.ts")).toEqual(good);
  });

  test("an alias has a second place for declarations, which wins, too", async () => {
    const paths = { "@/*": ["./src/*", "./.paw/types/src/*"] };
    const options = { ...EXACT, paths, types: ["unplugin-paw/client"], ...resolution };
    expect(await check(version, typed.app, options, "src/aliases.ts")).toEqual(good);
  });

  test("a fresh clone compiles with the fallback", async () => {
    const options = { ...EXACT, types: ["unplugin-paw/client"], ...resolution };
    expect(await check(version, fresh.app, options, "src/fallback.ts")).toEqual(good);
  });
});

describe.each(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])("declarations beside the specs, %s", (version) => {
  test("need no setting, whatever the alias, and win over the fallback", async () => {
    const options = { paths: { "@/*": ["./src/*"] }, types: ["unplugin-paw/client"] };
    expect(await check(version, beside, options, "src/exact.ts", "src/aliases.ts")).toEqual(good);
  });
});

describe("what TypeScript says", () => {
  test("without allowArbitraryExtensions it names the declaration that it found", async () => {
    const { rootDirs } = EXACT;
    const { code, stdout } = await check("6.0", typed.shared, { rootDirs }, "src/index.ts");
    expect(code).not.toBe(0);
    expect(stdout).toMatch(
      /error TS6263: Module '\.\/polite\.paw' was resolved to '.*polite\.d\.paw\.ts', but '--allowArbitraryExtensions' is not set\./,
    );
  });

  test("without declarations and fallback a module is missing", async () => {
    const { stdout } = await check("6.0", fresh.shared, EXACT, "src/index.ts");
    expect(stdout).toContain("error TS2307: Cannot find module './polite.paw' or its corresponding type declarations.");
  });

  test("a project with references (tsc -b) needs no more than that", async () => {
    const { app, shared } = copy("references");
    for (const project of [app, shared]) await run(paw, ["types"], project);
    const composite = { ...OPTIONS, noEmit: false, composite: true, outDir: "out" };
    const write = (project: string, config: object) =>
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    write(shared, { compilerOptions: { ...composite, ...EXACT }, include: ["src"] });
    write(app, {
      compilerOptions: { ...composite, ...EXACT_WITH_SHARED },
      files: ["src/exact.ts", "src/equal.ts", "src/outside.ts"],
      references: [{ path: "../shared" }],
    });
    expect(await run(join(VERSIONS["6.0"], "bin/tsc"), ["-b"], app)).toEqual(good);
  });
});

test("paw types follows edits: declarations are stale until it runs, and go with their spec", async () => {
  const { shared } = copy("edits");
  const checked = () => check("6.0", shared, EXACT, "src/index.ts");
  const spec = join(shared, "src/polite.paw");
  const declarations = join(".paw", "types", "src", "polite.d.paw.ts");
  expect(await run(paw, ["types"], shared)).toEqual({ code: 0, stdout: `wrote ${declarations}\n` });
  expect(await checked()).toEqual(good);
  writeFileSync(spec, readFileSync(spec, "utf8").replace("polite,", "civil,"));
  expect(await checked()).toEqual(good);
  expect(await run(paw, ["types"], shared)).toEqual({ code: 0, stdout: `wrote ${declarations}\n` });
  expect((await checked()).stdout).toContain(`'"civil" | "rude"' and '"polite"' have no overlap`);
  expect(await run(paw, ["types"], shared)).toEqual(good);
  rmSync(spec);
  expect(await run(paw, ["types"], shared)).toEqual({ code: 0, stdout: `removed ${declarations}\n` });
  expect((await checked()).stdout).toContain("error TS2307");
});

test("a published library: the declaration beside its own is enough", async () => {
  const { app, shared } = copy("published");
  await run(paw, ["types"], shared);
  const library = join(app, "node_modules/polite");
  const write = (file: string, text: string) => writeFileSync(join(library, file), text);
  mkdirSync(library, { recursive: true });
  cpSync(join(shared, ".paw/types/src/polite.d.paw.ts"), join(library, "polite.d.paw.ts"));
  write("package.json", '{ "name": "polite", "type": "module", "exports": { "types": "./index.d.ts" } }');
  write("index.d.ts", 'import polite from "./polite.paw";\nexport declare const ask: typeof polite;\n');
  writeFileSync(
    join(app, "src/user.ts"),
    `import { ask } from "polite";
import { type Answer, same } from "./equal.js";

same<Answer<typeof ask>, "polite" | "rude">();
`,
  );
  // Who uses it needs no setting, and may check the declarations of libraries: ours are in order, too.
  expect(await check("6.0", app, { skipLibCheck: false, types: ["node"] }, "src/user.ts")).toEqual(good);
});

test("a library that tsdown builds has the specs' types in its own declarations", async () => {
  const { app, shared } = copy("tsdown");
  await build({
    ...{ cwd: shared, config: false, logLevel: "silent", entry: ["src/library.ts"], dts: true },
    ...{
      outDir: join(app, "node_modules/polite"),
      tsconfig: false,
      platform: "node",
      plugins: [paws({ effort: "draft", cache: join(temporary, "programs") })],
    },
  });
  writeFileSync(
    join(app, "node_modules/polite/package.json"),
    '{ "name": "polite", "type": "module", "exports": "./library.mjs" }',
  );
  writeFileSync(
    join(app, "src/user.ts"),
    `import polite, { ask, meta } from "polite";
import { type Answer, same } from "./equal.js";

same<Answer<typeof polite>, "polite" | "rude">();
same<Answer<typeof ask>, "polite" | "rude">();
meta.name;
`,
  );
  for (const { version, ...resolution } of rows) {
    const options = { ...resolution, skipLibCheck: false, types: ["node"] };
    expect(await check(version, app, options, "src/user.ts"), version).toEqual(good);
  }
});

describe.each(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])("go to definition, TypeScript %s", (version) => {
  test("opens the spec at the instructions, the key or the top", async () => {
    const compilerOptions = { ...OPTIONS, ...EXACT };
    writeFileSync(join(typed.app, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
    const server =
      version === "7.0"
        ? await startLanguageServer(join(VERSIONS[version], "bin/tsc"), typed.app)
        : startTsserver(join(VERSIONS[version], "lib/tsserver.js"), typed.app);
    /** The specs that an editor would open, what it would select there, and what that is a part of. */
    const follow = async (text: string) => {
      const found = await server.definitions(join(typed.app, "src/exact.ts"), text);
      // (The signature of a call, in the runtime, is a definition besides.)
      const specs = found.filter(({ file }) => file.endsWith(".paw"));
      return specs.map(({ file, selection, whole }) => [
        relative(typed.app, file).replaceAll("\\", "/"),
        excerpt(file, selection.start, selection.end),
        excerpt(file, whole.start, whole.end),
      ]);
    };
    try {
      const sentence = "Say how a review sounds.";
      expect(await follow("labels, { meta }")).toEqual([["src/labels.paw", sentence, sentence]]);
      expect(await follow('labels("Great.", { signal })')).toEqual([["src/labels.paw", sentence, sentence]]);
      expect(await follow("meta } from")).toEqual([["src/labels.paw", "---", "---"]]);
      // TypeScript 7 opens the declarations there: it maps no files, only what they declare.
      expect(await follow("./deep/book.paw")).toEqual(version === "7.0" ? [] : [["src/deep/book.paw", "", ""]]);
      expect(await follow('title: "Emma"')).toEqual([["src/deep/book.paw", "title", "title: string"]]);
      expect(await follow("born?.slice")).toEqual([["src/deep/book.paw", "born?", "born?: date"]]);
    } finally {
      server.close();
    }
  });
});

/** A part of a file; empty where it ends before it begins. */
function excerpt(file: string, start: Position, end: Position): string {
  const lines = readFileSync(file, "utf8").split("\n");
  const offset = ({ line, character }: Position) =>
    lines.slice(0, line).join("\n").length + Math.min(line, 1) + character;
  return lines.join("\n").slice(offset(start), offset(end));
}
