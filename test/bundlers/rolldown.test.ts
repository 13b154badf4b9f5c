import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OutputChunk, type RolldownLog, rolldown, watch } from "rolldown";
import paw from "unplugin-paw/rolldown";
import { afterAll, expect, test } from "vitest";
import { appsOf } from "../apps.ts";
import { run } from "../plugin-helpers/app.ts";

const { cache, copyApp, removeApps } = appsOf("app");
const everywhere = appsOf("everywhere");
const plugin = () => paw({ cache, effort: "draft", types: false });

afterAll(async () => {
  await removeApps();
  await everywhere.removeApps();
});

test("an error has place, frame and hint", async () => {
  const root = await copyApp("error");
  const id = join(root, "src/tone.paw");
  await writeFile(id, "---\nreturn: [polite, rude]\n---\nSay whether it is polite.\n");
  const bundle = await rolldown({ input: join(root, "src/main.js"), platform: "node", plugins: [plugin()] });
  const { errors } = await bundle.generate().then(
    () => expect.unreachable(),
    (error) => error,
  );
  await bundle.close();
  expect(errors).toMatchObject([{ id, plugin: "unplugin-paw", loc: { file: id, line: 2, column: 1 } }]);
  expect(errors[0].message).toMatch(/src\/tone\.paw:2:1: .*return[\s\S]*hint: Did you mean "returns"\?/);
  expect(errors[0].frame).toContain("> 2 | return: [polite, rude]");
});

test("watching builds again after an edit of the spec, and of a data file", async () => {
  const root = await copyApp("watch");
  const output = { dir: join(root, "out") };
  const watcher = watch({ input: join(root, "src/main.js"), platform: "node", plugins: [plugin()], output });
  const built = () =>
    new Promise<void>((resolve, reject) => {
      watcher.on("event", async (event) => {
        if (event.code === "ERROR") reject(event.error);
        if (event.code === "BUNDLE_END") await event.result.close();
        if (event.code === "END") resolve();
      });
    });
  const total = async () => (await run<{ tests: { total: number } }>(join(root, "out/main.js"))).tests.total;
  try {
    await built();
    const spec = join(root, "src/tone.paw");
    await writeFile(spec, (await readFile(spec, "utf8")).replace("- Many", "- Thanks a lot => polite\n- Many"));
    await built();
    expect(await total()).toBe(3);
    const data = join(root, "src/tone.csv");
    await writeFile(data, `${await readFile(data, "utf8")}"Much obliged, dear colleague",polite\n`);
    await built();
    expect(await total()).toBe(4);
  } finally {
    await watcher.close();
  }
});

test("what was built for browsers, which is the default, says in Node what is wrong", async () => {
  const root = await everywhere.copyApp("wrong-platform");
  const bundle = await rolldown({ input: join(root, "src/node.js"), plugins: [plugin()], onLog: () => {} });
  await bundle.write({ dir: join(root, "out") });
  await bundle.close();
  await expect(run(join(root, "out/node.js"))).rejects.toThrow(/built for browsers[\s\S]*hint: .*platform: "node"/);
});

test("formats without import.meta have URLs all the same, and no complaint", async () => {
  const root = await everywhere.copyApp("formats");
  const logs: RolldownLog[] = [];
  const input = join(root, "src/main.js");
  const onLog = (_level: string, log: RolldownLog) => void logs.push(log);
  const bundle = await rolldown({ input, platform: "browser", plugins: [plugin()], onLog });
  for (const format of ["iife", "umd", "cjs"] as const) {
    const { output } = await bundle.generate({ format, name: "app" });
    const code = output.filter((file): file is OutputChunk => file.type === "chunk").map(({ code }) => code);
    expect(code.join("\n")).toMatch(/new URL\("assets\/tone-[\w-]+\.weights", pawPlace\)/);
    expect(code.join("\n")).not.toContain("{}.url");
  }
  await bundle.close();
  expect(logs.filter(({ code }) => code === "EMPTY_IMPORT_META")).toEqual([]);
});
