import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appsOf, files } from "./apps.ts";

// Real processes, which read the built packages. (Other versions of Node: test/frameworks.)
const { cache, copyApp, removeApps } = appsOf("app");
const tsx = fileURLToPath(new URL("../node_modules/tsx/dist/cli.mjs", import.meta.url));
const REGISTER = ["--import", "unplugin-paw/register"];
const POLITE = "Thanks a lot, that was kind of you";
const BROKEN = "---\nreturn: [polite, rude]\n---\nSay whether a message is polite or rude.\n";
const TYPED = `import tone, { meta } from "./tone.paw";

const answer: Promise<string> = tone("${POLITE}");
void answer.then((text) => console.log(JSON.stringify({ name: meta.name, answer: text })));
`;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs Node in an app's folder. */
function node(cwd: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NODE_OPTIONS: "", PAW_EFFORT: "draft", PAW_CACHE: cache, ...env },
  });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    ended.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ ...ended, code }));
  });
}

let app: string;
beforeAll(async () => {
  app = await copyApp("register");
  await writeFile(join(app, "src/typed.ts"), TYPED);
  await writeFile(
    join(app, "src/required.cjs"),
    `const { default: tone, meta } = require("./tone.paw");\n${TYPED.split("\n").slice(2).join("\n").replaceAll(": Promise<string>", "")}`,
  );
});
afterAll(removeApps);

const said = { name: "tone", answer: expect.stringMatching(/^(polite|rude)$/) };

test("the first import compiles, says so and writes declarations; the next one is silent", async () => {
  const root = await copyApp("first");
  const env = { PAW_CACHE: "programs" };
  const first = await node(root, [...REGISTER, "src/main.js"], env);
  expect(first.stderr).toMatch(/^paw tone\.paw {2}compiled \d+\.\d s {2}\d\.\d MB {2}tests \d\/2\n$/);
  expect(JSON.parse(first.stdout)).toMatchObject({ name: "tone", tests: { total: 2 } });
  expect(await files(join(root, "programs"))).toHaveLength(2);
  expect(await files(join(root, ".paw/types"))).toContain("src/tone.d.paw.ts");
  expect(await node(root, [...REGISTER, "src/main.js"], env)).toEqual({ code: 0, stdout: first.stdout, stderr: "" });
});

test("a terminal shows how far a compile is, though the thread that imports waits", async () => {
  const root = await copyApp("terminal");
  // (util-linux's script gives a command a terminal.)
  const command = ["node", ...REGISTER, "src/main.js"].join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: "", CI: "", PAW_EFFORT: "draft", PAW_CACHE: "programs" },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    shown += text;
  });
  await once(child, "close");
  const lines = stripVTControlCharacters(shown);
  expect(lines).toMatch(/\rpaw tone\.paw {2}(loading|searching|scoring).*\rpaw tone\.paw {2}compiled/s);
  expect(lines).toContain('{"name":"tone"');
});

test.each<[string, string[]]>([
  ["require() in CommonJS", [...REGISTER, "src/required.cjs"]],
  ["tsx, which is given it", [tsx, ...REGISTER, "src/typed.ts"]],
  ["tsx as another --import", ["--import", "tsx", ...REGISTER, "src/typed.ts"]],
  ["tsx as a later --import", [...REGISTER, "--import", "tsx", "src/typed.ts"]],
])("%s", async (_, args) => {
  const { code, stdout, stderr } = await node(app, args);
  expect({ code, stderr: stderr.replace(/^paw tone.*\n/, "") }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual(said);
});

test("tsx in a package of CommonJS", async () => {
  const root = await copyApp("commonjs");
  await writeFile(join(root, "package.json"), '{ "name": "app", "type": "commonjs" }');
  await writeFile(join(root, "src/typed.ts"), TYPED);
  const { stdout } = await node(root, [tsx, ...REGISTER, "src/typed.ts"]);
  expect(JSON.parse(stdout)).toEqual(said);
});

test("node --test", async () => {
  await writeFile(
    join(app, "src/tone.test.js"),
    `import assert from "node:assert";
import { test } from "node:test";
import tone from "./tone.paw";

test("answers", async () => assert.match(await tone("${POLITE}"), /^(polite|rude)$/));
test("is sure", async () => assert.equal((await tone.classify("${POLITE}")).probability, 2));
`,
  );
  const { code, stdout } = await node(app, [...REGISTER, "--test", "--test-reporter=tap", "src/tone.test.js"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ok 1 - answers$/m);
  expect(stdout).toMatch(/^not ok 2 - is sure$/m);
});

describe("what is wrong is said with its place, a frame and a hint", () => {
  test("a spec with an error ends the import, and the fixed one answers", async () => {
    const root = await copyApp("error");
    const spec = join(root, "src/tone.paw");
    const good = await readFile(spec);
    await writeFile(spec, BROKEN);
    const { code, stdout, stderr } = await node(root, [...REGISTER, "src/main.js"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/src\/tone\.paw:2:1: There is no key "return"\.\nhint: Did you mean "returns"\?/);
    expect(stderr).toContain("> 2 | return: [polite, rude]");
    expect(stderr).not.toMatch(/^ +at /m);
    await writeFile(spec, good);
    expect((await node(root, [...REGISTER, "src/main.js"])).code).toBe(0);
  });

  test("require() throws it, and a program may go on", async () => {
    const root = await copyApp("error-required");
    await writeFile(join(root, "src/tone.paw"), BROKEN);
    await writeFile(
      join(root, "src/caught.cjs"),
      'try { require("./tone.paw"); } catch (error) { console.log(error.message); }\n',
    );
    const { code, stdout } = await node(root, [...REGISTER, "src/caught.cjs"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^src\/tone\.paw:2:1: There is no key/);
  });

  test("PAW_FROZEN compiles nothing and writes nothing", async () => {
    const root = await copyApp("frozen");
    const { code, stderr } = await node(root, [...REGISTER, "src/main.js"], { PAW_FROZEN: "1", PAW_CACHE: "programs" });
    expect(code).toBe(1);
    expect(stderr).toContain("programs has no program of this spec, and this build is frozen.");
    expect(stderr).toContain("Run `paw compile --cache-only --effort draft --cache programs src/tone.paw`");
    expect([existsSync(join(root, "programs")), existsSync(join(root, ".paw"))]).toEqual([false, false]);
  });

  test("an effort that is none", async () => {
    const { code, stderr } = await node(app, [...REGISTER, "src/main.js"], { PAW_EFFORT: "fast" });
    expect(code).toBe(1);
    expect(stderr).toContain('PAW_EFFORT is "fast"; it is one of draft, standard, thorough.');
  });
});
