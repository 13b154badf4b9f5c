import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import typescript from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { files } from "./apps.ts";
import { installedBytes } from "./pack-helpers/installed.ts";
import { createProject, linksOut, Offline, type Project } from "./pack-helpers/outside.ts";
import { packAll, packages, type Tarball, workspace } from "./pack-helpers/tarballs.ts";

const names = packages.map(({ name }) => name);
let folder: string;
let tarballs: Tarball[];

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "paw-pack-")));
  tarballs = await packAll(join(folder, "tarballs"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.for(names)("%s", (name) => {
  const tarball = () => tarballs.find((one) => one.name === name) as Tarball;

  test("has nothing that publint complains of", async () => {
    const { buffer, byteOffset, length } = await readFile(tarball().path);
    const data = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball: data }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg as object, { color: false }))).toEqual([]);
  });

  test("has types that resolve as its code does", async () => {
    const attw = join(workspace, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const args = [attw, tarball().path, "--profile", "esm-only", "--format", "ascii", "--no-color", "--no-emoji"];
    await expect(promisify(execFile)(process.execPath, args)).resolves.toMatchObject({ stderr: "" });
  });

  test("is what users need and nothing else", async () => {
    const { files, content } = tarball();
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    expect(await readFile(join(content, "LICENSE"), "utf8")).toBe(await readFile(join(workspace, "LICENSE"), "utf8"));
    expect(files.filter((file) => /\.(test|fixture)\.|testing|tsdown|^node_modules/.test(file))).toEqual([]);
    for (const file of files.filter((file) => /\.(js|ts)$/.test(file))) {
      const text = await readFile(join(content, file), "utf8");
      const [, map] = text.match(/^\/\/# sourceMappingURL=(?!data:)(\S+)$/m) ?? [];
      if (map) expect(files).toContain(join(file, "..", map));
      expect(text).not.toContain(workspace);
    }
  });

  test("states what it imports", async () => {
    const { files, content, manifest } = tarball();
    const stated = [name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })];
    const missing: string[] = [];
    for (const file of files.filter((file) => /\.(js|d\.ts)$/.test(file))) {
      const { importedFiles } = typescript.preProcessFile(await readFile(join(content, file), "utf8"), true, true);
      for (const { fileName } of importedFiles) {
        const owner = fileName.match(/^(@[^/]+\/)?[^/]+/)?.[0] as string;
        const known = fileName.startsWith(".") || fileName.startsWith("node:") || builtinModules.includes(owner);
        if (!known && !stated.includes(owner)) missing.push(`${file}: ${fileName}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

test("the plugin and the runtime install at most 5 MB, without onnxruntime and the deltas", async () => {
  const bytes = await installedBytes(["unplugin-paw", "@unplugin-paw/runtime"], tarballs);
  const counted = [...bytes].filter(([place]) => !/[\\/]onnxruntime-/.test(place));
  expect(counted.length).toBeGreaterThan(20);
  // What runs, and what the compiler reads specs with.
  const deltas = ["interpreter", "compiler"].map(
    (name) => statSync(new URL(`../packages/${name}/delta/paw-135m.safetensors`, import.meta.url)).size,
  );
  for (const delta of deltas) expect(delta).toBeLessThanOrEqual(14e6);
  const rest = [...counted.map(([, size]) => size), ...deltas.map((delta) => -delta)];
  expect(rest.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(5e6);
});

test("bundlers, frameworks and the teacher are peers, none of which is asked for", () => {
  const { manifest } = tarballs.find(({ name }) => name === "unplugin-paw") as Tarball;
  const bundlers = ["@farmfe/core", "@rspack/core", "esbuild", "next", "rolldown", "rollup", "vite", "webpack"];
  const peers = [...bundlers, "@unplugin-paw/teacher"];
  const optional = Object.fromEntries(peers.map((name) => [name, { optional: true }]));
  expect(manifest.peerDependenciesMeta).toEqual(optional);
  expect(Object.keys(manifest.peerDependencies ?? {}).sort()).toEqual([...peers, "@unplugin-paw/runtime"].sort());
});

describe("outside the workspace", () => {
  const ours = ["unplugin-paw", "@unplugin-paw/cli", "@unplugin-paw/runtime"];
  const TEACHER = "@unplugin-paw/teacher";
  const wanted = {
    vite: {
      type: "module",
      ours: [...ours, TEACHER],
      others: ["vite", "typescript", "@types/node", "onnxruntime-node", "onnxruntime-web"],
    },
    webpack: { type: "commonjs", ours, others: ["webpack", "onnxruntime-node"] },
    esbuild: { type: "module", ours, others: ["esbuild", "onnxruntime-node"] },
  } as const;
  const projects: Partial<Record<keyof typeof wanted, Project>> = {};
  const offline = "npm cannot have a public package: it is not in its cache, and no registry answers";

  beforeAll(async () => {
    try {
      for (const [name, { ours, ...rest }] of Object.entries(wanted)) {
        const all = { ...rest, ours: [...ours], others: [...rest.others] };
        projects[name as keyof typeof wanted] = await createProject(name, join(folder, name), tarballs, all);
      }
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      console.warn(`NOT TESTED: the packed packages outside the workspace. ${offline}.\n${error.message}`);
    }
  });
  /** The project; ends the test where there is none. */
  const take = (name: keyof typeof wanted, skip: (condition: boolean, note: string) => void): Project => {
    skip(!projects[name], offline);
    return projects[name] as Project;
  };

  test.for(Object.keys(wanted) as (keyof typeof wanted)[])(
    "%s: nothing leads into the workspace",
    async (name, context) => {
      const project = take(name, context.skip);
      expect(await linksOut(project)).toEqual([]);
      expect(await readdir(join(project.folder, "node_modules/@unplugin-paw"))).toEqual(
        names
          .filter((one) => one.startsWith("@") && (one !== TEACHER || name === "vite"))
          .map((one) => one.slice("@unplugin-paw/".length)),
      );
    },
  );

  test("every export of every package can be imported, whichever bundlers are there", async ({ skip }) => {
    const { folder, run } = take("vite", skip);
    const script = join(folder, "import-all.js");
    await cp(fileURLToPath(new URL("./pack-helpers/import-all.js", import.meta.url)), script);
    const found: Record<string, { url: string; names: string[] }> = JSON.parse(await run("node", script, ...names));
    for (const { name, manifest } of tarballs) {
      const code = Object.keys(manifest.exports).filter((path) => !["./client", "./package.json"].includes(path));
      for (const path of code) expect(found).toHaveProperty([name + path.slice(1)]);
    }
    const modules = pathToFileURL(join(folder, "node_modules/")).href;
    expect(Object.values(found).filter(({ url }) => !url.startsWith(modules))).toEqual([]);
    expect(found["unplugin-paw/vite"]?.names).toEqual(["default"]);
    expect(found["@unplugin-paw/runtime"]?.names).toContain("program");
    const browser = await run("node", "--conditions=browser", script, "@unplugin-paw/runtime");
    expect(JSON.parse(browser)["@unplugin-paw/runtime"].url).toBe(`${modules}@unplugin-paw/runtime/dist/browser.js`);
  });

  test("Vite: the command line compiles, a server and a page are built of it, and types are exact", async ({
    skip,
  }) => {
    const { folder, run } = take("vite", skip);
    const compiled = await run("npx", "--no", "paw", "compile", "src/tone.paw", "--effort", "draft");
    expect(compiled).toBe("src/tone.weights\n");
    await run("npx", "--no", "vite", "build", "--ssr", "src/server.ts", "--outDir", "server");
    await run("npx", "--no", "vite", "build");
    expect(await answers(join(folder, "server/server.js"))).toEqual({ name: "tone", answer: "polite" });
    const [program] = (await files(join(folder, "server/assets"))) as [string];
    const built = await readFile(join(folder, "server/assets", program));
    expect(built.equals(await readFile(join(folder, "src/tone.weights")))).toBe(true);

    const emitted = (await files(join(folder, "dist"))).filter((file) => file.startsWith("assets/"));
    const pages = await Promise.all(
      (await files(join(folder, "dist")))
        .filter((file) => /^index\.html$|\/index-.*\.js$/.test(file))
        .map((file) => readFile(join(folder, "dist", file), "utf8")),
    );
    const urls = pages.flatMap((text) => [...text.matchAll(/["'`]\/(assets\/[^"'`]+)["'`]/g)].map(([, url]) => url));
    expect([...new Set(urls)].sort()).toEqual(emitted);
    for (const end of [".weights", ".onnx", ".wasm", ".json"]) {
      expect(emitted.filter((file) => file.endsWith(end))).toHaveLength(1);
    }

    await rm(join(folder, ".paw"), { recursive: true });
    await expect(run("npx", "--no", "tsc")).rejects.toThrow("tone.paw");
    await run("npx", "--no", "paw", "types");
    expect(await run("npx", "--no", "tsc")).toBe("");
    // (Declarations of others name packages that are not here.)
    const all: string = await run("npx", "--no", "tsc", "--skipLibCheck", "false").catch(({ message }) => message);
    expect(all.split("\n").filter((line) => /^node_modules\/(@unplugin-paw|unplugin-paw)\//.test(line))).toEqual([]);
  });

  test("webpack, whose configuration is CommonJS", async ({ skip }) => {
    const { folder, run } = take("webpack", skip);
    expect(await run("node", "build.cjs")).toContain("compiled successfully");
    expect(await answers(join(folder, "dist/main.js"))).toEqual({ name: "tone", answer: "polite" });
  });

  test("esbuild", async ({ skip }) => {
    const { folder, run } = take("esbuild", skip);
    await run("node", "build.js");
    expect(await answers(join(folder, "dist/main.js"))).toEqual({ name: "tone", answer: "polite" });
  });
});

/** What a built file prints, run from another folder. */
async function answers(file: string): Promise<unknown> {
  expect(await readFile(file, "utf8")).not.toContain(workspace);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: tmpdir() });
  return JSON.parse(stdout);
}
