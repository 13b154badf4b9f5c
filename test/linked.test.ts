import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtures } from "./apps.ts";

// A workspace as pnpm lays it out: each package sees what its own package.json names and nothing else, by links. The
// app has the runtime, the package with the spec has not.
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const script = path("./linked-helpers/build.js");
const register = path("../packages/unplugin-paw/dist/register.js");
let workspace: string;
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), "paw-linked-"));
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

async function createApp(name: string, linked: Record<string, string>): Promise<string> {
  const app = join(workspace, name, "app");
  const tones = join(workspace, name, "tones");
  for (const folder of [join(app, "src"), tones]) await mkdir(folder, { recursive: true });
  await cp(join(fixtures, "app/src"), tones, { recursive: true });
  await writeFile(join(tones, "package.json"), '{ "name": "tones", "type": "module" }');
  await writeFile(join(app, "package.json"), '{ "name": "app", "type": "module" }');
  await writeFile(
    join(app, "src/main.js"),
    'import tone from "tones/tone.paw";\n\nconsole.log(JSON.stringify({ answer: await tone("Thank you") }));\n',
  );
  for (const [target, place] of Object.entries({ tones, ...linked })) {
    await mkdir(dirname(join(app, "node_modules", target)), { recursive: true });
    await symlink(place, join(app, "node_modules", target), "dir");
  }
  return app;
}

async function run(cwd: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, NODE_OPTIONS: "", PAW_EFFORT: "draft", PAW_CACHE: join(workspace, "programs") };
  return await promisify(execFile)(process.execPath, args, { cwd, env }).then(
    (done) => ({ code: 0, ...done }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

const runtime = { "@unplugin-paw/runtime": path("../packages/runtime") };
const bundlers = ["vite", "rollup", "rolldown", "webpack", "rspack", "esbuild"];
const HINT =
  /tones\/tone\.paw needs the package @unplugin-paw\/runtime.*\n[ │]*hint: Add "@unplugin-paw\/runtime": "[^"]+" to the "dependencies" of .*tones\/package\.json or (.*app\/)?package\.json, and install\./;

describe.each(bundlers)("a spec in a linked package, %s", (bundler) => {
  test("for Node: the project's runtime runs it", async () => {
    const app = await createApp(`${bundler}-node`, runtime);
    expect(await run(app, script, bundler, "node")).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await run(app, "out/main.js");
    expect(JSON.parse(stdout)).toEqual({ answer: expect.stringMatching(/^(polite|rude)$/) });
  });

  test("for browsers: the project's runtime is in the bundle", async () => {
    const app = await createApp(`${bundler}-browser`, runtime);
    expect(await run(app, script, bundler, "browser")).toMatchObject({ code: 0, stderr: "" });
    const files = (await readdir(join(app, "out"), { recursive: true })).map((file) => join(app, "out", file));
    const code = await Promise.all(files.filter((file) => file.endsWith(".js")).map((file) => readFile(file, "utf8")));
    expect(code.join("\n")).not.toMatch(/(from|import|require\()\s*["']@unplugin-paw\/runtime/);
    expect(files.some((file) => file.endsWith(".wasm"))).toBe(true);
  });

  test.each(["node", "browser"])(
    "without a runtime the build for %s fails, and says which line is missing",
    async (platform) => {
      const app = await createApp(`${bundler}-${platform}-without`, {});
      const { code, stderr } = await run(app, script, bundler, platform);
      expect(code).toBe(1);
      expect(stderr).toMatch(HINT);
    },
  );
});

describe("a spec in a linked package, without a bundler", () => {
  test("the project's runtime runs it", async () => {
    const app = await createApp("register", runtime);
    const { stdout, stderr } = await run(app, "--import", register, "src/main.js");
    expect(JSON.parse(stdout || stderr)).toEqual({ answer: expect.stringMatching(/^(polite|rude)$/) });
  });

  test("without a runtime the import fails, and says which line is missing", async () => {
    const app = await createApp("register-without", {});
    const { code, stderr } = await run(app, "--import", register, "src/main.js");
    expect(code).toBe(1);
    expect(stderr).toMatch(HINT);
  });
});
