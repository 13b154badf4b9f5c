import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import esbuild, { type BuildFailure, type BuildOptions } from "esbuild";
import paw from "unplugin-paw/esbuild";
import { afterAll, describe, expect, test, vi } from "vitest";
import { appsOf, files, fixtures } from "../apps.ts";
import { run } from "../plugin-helpers/app.ts";

const { cache, copyApp, removeApps } = appsOf("app");
const everywhere = appsOf("everywhere");

const plugin = () => paw({ cache, effort: "draft", types: false });

/** A build of one file, for Node and into `out` if nothing else is said. */
function options(root: string, entry: string, more: BuildOptions = {}): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: [`src/${entry}`],
    outdir: "out",
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
    plugins: [plugin()],
    ...more,
  };
}

afterAll(async () => {
  await removeApps();
  await everywhere.removeApps();
});

test("an error has place, hint and frame, and nothing else is complained of", async () => {
  const root = await copyApp("error");
  await writeFile(join(root, "src/tone.paw"), "---\nreturn: [polite, rude]\n---\nSay whether it is polite.\n");
  const { errors } = await esbuild.build(options(root, "main.js")).then(
    () => expect.unreachable(),
    (error: BuildFailure) => error,
  );
  expect(errors).toHaveLength(1);
  const [{ text, location, pluginName }] = errors as [BuildFailure["errors"][number]];
  expect(text).toMatch(/src\/tone\.paw:2:1: .*return/);
  expect(text).toContain('hint: Did you mean "returns"?');
  expect(text).toContain("> 2 | return: [polite, rude]");
  expect(location).toMatchObject({ file: "src/tone.paw", line: 2, column: 0 });
  expect(pluginName).toBe("unplugin-paw");
});

test("watching builds again after an edit of the spec, of a data file, and after an error", async () => {
  const root = await copyApp("watch");
  const spec = join(root, "src/tone.paw");
  const context = await esbuild.context(options(root, "main.js"));
  const total = async (expected: number) =>
    await vi.waitFor(async () => {
      expect(await readFile(join(root, "out/main.js"), "utf8")).toMatch(new RegExp(`"?total"?: ?${expected},`));
    }, 60_000);
  try {
    await context.watch();
    await total(2);
    const text = await readFile(spec, "utf8");
    await writeFile(spec, text.replace("returns:", "return:"));
    await vi.waitFor(async () => expect(await context.rebuild().catch((error) => error)).toBeInstanceOf(Error), 60_000);
    await writeFile(spec, text.replace("- Many thanks", "- Thanks a lot => polite\n- Many thanks"));
    await total(3);
    const data = join(root, "src/tone.csv");
    await writeFile(data, `${await readFile(data, "utf8")}"Much obliged, dear colleague",polite\n`);
    await total(4);
  } finally {
    await context.dispose();
  }
});

test("with write: false and publicPath, programs are among the output files and in the metafile", async () => {
  const root = await everywhere.copyApp("in-memory");
  const settings = {
    platform: "browser",
    write: false,
    metafile: true,
    publicPath: "https://cdn.example/app",
  } as const;
  // What the user does with such files elsewhere does not matter.
  const loader = { ".js": "jsx", ".json": "text", ".wasm": "binary", ".weights": "dataurl", ".data": "empty" } as const;
  const { outputFiles, metafile } = await esbuild.build({
    ...options(root, "main.js", settings),
    write: false,
    loader,
  });
  const names = outputFiles.map(({ path }) => path.slice(root.length + "/out/".length)).sort();
  expect(Object.keys(metafile?.outputs ?? {}).sort()).toEqual(names.map((name) => `out/${name}`));
  const script = outputFiles.find(({ path }) => path.endsWith("main.js"))?.text ?? "";
  const assets = names.filter((name) => name !== "main.js");
  expect(assets).toHaveLength(2 + 4 + 4); // programs; the interpreter's weights; graph, tokenizer, worker, wasm
  for (const name of assets) expect(script).toContain(`"https://cdn.example/app/${name}"`);
  expect(await files(root)).not.toContainEqual(expect.stringContaining("out/"));
});

test("specs that are alike, in chunks of different folders, each find their program", async () => {
  const root = await copyApp("alike");
  await cp(join(fixtures, "app/src"), join(root, "src/deep/er"), { recursive: true });
  const entryPoints = ["src/main.js", "src/deep/er/main.js"];
  await esbuild.build(options(root, "main.js", { entryPoints, outbase: "src", splitting: true }));
  for (const entry of ["main.js", "deep/er/main.js"]) {
    expect((await run<{ answers: string[] }>(join(root, "out", entry))).answers).toHaveLength(2);
  }
});

test("for Node publicPath is no path: the program is in the code", async () => {
  const root = await copyApp("public-path");
  await esbuild.build(options(root, "main.js", { publicPath: "/static/" }));
  expect(await files(join(root, "out"))).toEqual(["main.js"]);
  expect((await run<{ answers: string[] }>(join(root, "out/main.js"))).answers).toHaveLength(2);
});

test("names that mean something in a URL", async () => {
  const root = await copyApp("name");
  await writeFile(join(root, "src/100% sure #1.paw"), await readFile(join(root, "src/tone.paw")));
  await writeFile(
    join(root, "src/tone.js"),
    'import tone from "./100% sure #1.paw";\ntone("Hi").then((answer) => console.log(JSON.stringify(answer)));\n',
  );
  await esbuild.build(options(root, "tone.js", { assetNames: "assets/[name]-[hash]" }));
  expect(["polite", "rude"]).toContain(await run<string>(join(root, "out/tone.js")));
});

describe("where a bundle runs", () => {
  const outputs = async (root: string, settings: BuildOptions) => {
    const { outputFiles = [] } = await esbuild.build(options(root, "main.js", { write: false, ...settings }));
    return outputFiles.map(({ path }) => path);
  };

  test.each([
    [{ platform: "neutral" }, false],
    [{ platform: "neutral", conditions: ["browser"] }, true],
    [{ platform: "neutral", conditions: ["browser"], external: ["@unplugin-paw/*"] }, false],
    [{ platform: "browser", external: ["@unplugin-paw/*"] }, true],
  ] as [BuildOptions, boolean][])("%j", async (settings, client) => {
    const root = await everywhere.copyApp("platform");
    const found = await outputs(root, settings);
    expect(found.some((path) => path.includes("paw-worker"))).toBe(client);
  });

  test("CommonJS for a page is refused, unless publicPath says where files lie", async () => {
    const root = await everywhere.copyApp("page-cjs");
    const settings: BuildOptions = { platform: "browser", format: "cjs" };
    await expect(outputs(root, settings)).rejects.toThrow(
      /a page cannot tell[\s\S]*hint: Set esbuild's format to "esm"/,
    );
    expect((await outputs(root, { ...settings, publicPath: "/" })).length).toBeGreaterThan(2);
  });

  test("a script that does not know its URL says so", async () => {
    const root = await everywhere.copyApp("unknown-script");
    const settings: BuildOptions = { platform: "browser", format: "iife", write: false };
    const { outputFiles } = await esbuild.build({ ...options(root, "main.js", settings), write: false });
    const code = outputFiles.find(({ path }) => path.endsWith("main.js"))?.text as string;
    expect(() => runInNewContext(code, { document: { currentScript: null }, URL })).toThrow(
      /does not know its own URL.*publicPath/,
    );
  });
});
