import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import vitePaw, { type Options } from "unplugin-paw/vite";
import { build } from "vite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TeacherServer, teacherServer } from "./teacher-helpers/server.ts";

// What users run: the built command, and a build with the plugin. (`npm test` builds first.)
const playground = fileURLToPath(new URL("../playground/taught", import.meta.url));
const bin = fileURLToPath(new URL("../packages/cli/bin/paw.js", import.meta.url));
const SPEC = `---
returns: [polite, rude]
---
Decide whether a message is polite or rude.

## Examples
- Many thanks => polite
- Get lost => rude
`;

let root: string;
let server: TeacherServer;
beforeEach(async () => {
  root = mkdtempSync(fileURLToPath(new URL(".tmp-taught-", import.meta.url)));
  await mkdir(join(root, "src"));
  write("src/tone.paw", SPEC);
  write("src/main.js", 'import tone from "./tone.paw";\nconsole.log(await tone("Thank you kindly"));\n');
  write("package.json", '{ "type": "module" }');
  server = await teacherServer();
});
afterEach(() => {
  server.close();
  rmSync(root, { recursive: true });
});

const write = (path: string, text: string) => writeFileSync(join(root, path), text);
const read = (path: string) => readFileSync(join(root, path), "utf8");
const RECORD = "src/tone.paw.pairs.jsonl";
const teaching = { pairs: 16 };
const teacher = () => ({ url: server.url, model: "local" });

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function paw(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, PAW_TEACHER_KEY: "sk-secret" };
    execFile(process.execPath, [bin, ...args], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

function viteBuild(options: Options = {}): Promise<unknown> {
  return build({
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [vitePaw({ cache: "cache", effort: "draft", teacher: teacher(), teaching, ...options })],
    build: { ssr: "src/main.js", outDir: "out" },
  });
}

/** The program of a build. */
function program(): string {
  const assets = readdirSync(join(root, "out/assets"));
  return read(`out/assets/${assets.find((name) => name.endsWith(".weights")) ?? expect.unreachable()}`);
}

describe("a build with a teacher", () => {
  test("has it write a record once; with the record a build asks nobody and has the same program", async () => {
    await viteBuild();
    expect(read(RECORD).trim().split("\n")).toHaveLength(14);
    const asked = server.requests.length;
    const made = program();
    // As a fresh clone has it: the record is there, the cache and the network are not.
    server.close();
    rmSync(join(root, "cache"), { recursive: true });
    await viteBuild();
    expect(server.requests.length).toBe(asked);
    expect(program()).toBe(made);
    await viteBuild({ frozen: true });
    expect(program()).toBe(made);
  });

  test("asks nobody for the record of the playground, and makes the same program from it", async () => {
    const files = ["comments.paw", "comments.paw.pairs.jsonl"];
    for (const file of files) copyFileSync(join(playground, file), join(root, "src", file));
    write("src/main.js", 'import kind from "./comments.paw";\nconsole.log(await kind("Follow me for more"));\n');
    const first = readFileSync(join(playground, "comments.paw.pairs.jsonl"), "utf8");
    await viteBuild();
    const made = program();
    rmSync(join(root, "cache"), { recursive: true });
    await viteBuild();
    expect(program()).toBe(made);
    expect(server.requests).toHaveLength(0);
    expect(read("src/comments.paw.pairs.jsonl")).toBe(first);
  });

  test("that is frozen fails rather than asks, and says what to do", async () => {
    const message = /tone\.paw\.pairs\.jsonl\) are missing[\s\S]*paw pairs regenerate/;
    await expect(viteBuild({ frozen: true })).rejects.toThrow(message);
    expect(server.requests).toHaveLength(0);
    await viteBuild();
    write("src/tone.paw", SPEC.replace("a message", "a message to a shop"));
    await expect(viteBuild({ frozen: true })).rejects.toThrow(/other instructions or types/);
  });

  test("says what the teacher's failure was, at the spec", async () => {
    server.close();
    server = await teacherServer(() => "401");
    await expect(viteBuild()).rejects.toThrow(/tone\.paw: The teacher local was refused \(HTTP 401\)\.\nhint: /);
    expect(existsSync(join(root, RECORD))).toBe(false);
  });
});

describe("paw", () => {
  test("compile --teacher writes the record and compiles with it; no file has the key", async () => {
    write("paw.config.js", "export default { teaching: { pairs: 16 } };\n");
    const args = ["compile", "src/tone.paw", "--effort", "draft", "--teacher", `${server.url}#local`];
    const first = await paw(...args);
    expect(first).toMatchObject({ code: 0, stdout: "src/tone.weights\n" });
    expect(first.stderr).toMatch(/asks the teacher: about \d+ calls, [\d,]+ tokens/);
    expect(first.stderr).toMatch(/14 pairs by the teacher, for review \(\d+ calls, [\d,]+ tokens\)/);
    expect(server.requests[0]?.authorization).toBe("Bearer sk-secret");
    for (const name of readdirSync(join(root, "src"))) expect(read(`src/${name}`)).not.toContain("sk-secret");
    const asked = server.requests.length;
    expect((await paw(...args)).code).toBe(0);
    expect(server.requests.length).toBe(asked);
  });

  test("pairs: list, add, drop, keep, regenerate, label", async () => {
    write("paw.config.js", `export default { teacher: ${JSON.stringify(teacher())}, teaching: { pairs: 16 } };\n`);
    expect((await paw("pairs", "regenerate", "src/tone.paw")).code).toBe(0);
    const listed = async () => {
      const { stdout } = await paw("pairs", "list", "src/tone.paw", "--json");
      return stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { line: number; by: string; input: string; output: string });
    };
    expect(await listed()).toHaveLength(14);
    expect((await paw("pairs", "list", "src/tone.paw")).stdout).toMatch(/^ +1 {2}teacher {3}"Thank you kindly/);

    expect((await paw("pairs", "add", "src/tone.paw", "--input", "Whatever.", "--output", "rude")).code).toBe(0);
    expect((await listed()).at(-1)).toEqual({ line: 15, by: "person", input: "Whatever.", output: "rude" });
    const twice = await paw("pairs", "add", "src/tone.paw", "--input", "Whatever.", "--output", "polite");
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining("line 15 already") });
    const wrong = await paw("pairs", "add", "src/tone.paw", "--input", "Hm.", "--output", "nice");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("not one of") });

    const [first, second] = await listed();
    expect((await paw("pairs", "drop", "src/tone.paw", "1")).code).toBe(0);
    expect((await listed())[0]).toEqual({ ...second, line: 1 });
    expect(await paw("pairs", "drop", "src/tone.paw", "99")).toMatchObject({ code: 2 });
    expect(await listed()).toHaveLength(14);

    write("src/tone.paw", SPEC.replace("a message", "a message to a shop"));
    expect((await listed()).filter(({ by }) => by === "outdated")).toHaveLength(13);
    expect((await paw("pairs", "keep", "src/tone.paw")).code).toBe(0);
    expect((await listed()).filter(({ by }) => by === "outdated")).toHaveLength(0);

    expect((await paw("pairs", "regenerate", "src/tone.paw", "--all")).code).toBe(0);
    const all = await listed();
    expect(all[0]).toMatchObject({ by: "person", input: "Whatever." });
    expect(all.some(({ input }) => input === first?.input)).toBe(false);

    write("mails.txt", "Thank goodness\nMove\n\n");
    expect((await paw("pairs", "label", "src/tone.paw", "mails.txt")).code).toBe(0);
    expect((await listed()).slice(-2).map(({ input, output }) => [input, output])).toEqual([
      ["Thank goodness", "polite"],
      ["Move", "rude"],
    ]);
  });

  test("pairs sharpen adds answers to inputs that the program is least sure of", async () => {
    write("paw.config.js", `export default { teacher: ${JSON.stringify(teacher())} };\n`);
    const sharpen = (...more: string[]) => paw("pairs", "sharpen", "src/tone.paw", "--effort", "draft", ...more);
    const { code, stderr } = await sharpen("--count", "4");
    expect(stderr).toContain("4 pairs by the teacher");
    expect(code).toBe(0);
    expect(server.requests.filter(({ user }) => user.startsWith("Write")).length).toBeGreaterThanOrEqual(3);
    expect(read(RECORD).trim().split("\n")).toHaveLength(4);
    expect(await sharpen("--count", "none")).toMatchObject({ code: 2, stderr: expect.stringContaining("--count") });
    write("src/tone.paw", SPEC.replace("[polite, rude]", "string"));
    expect(await sharpen()).toMatchObject({ code: 2, stderr: expect.stringContaining("returns no labels") });
  });

  test.each<[string[], RegExp]>([
    [["compile", "src/tone.paw", "--teacher", "gpt-5"], /names no teacher[\s\S]*hint: --teacher model\.gguf/],
    [["pairs", "regenerate", "src/tone.paw"], /There is no teacher to ask[\s\S]*hint: Name one/],
    [["pairs", "list", "src/none.paw"], /There is no file/],
  ])("%j is refused", async (args, message) => {
    const { code, stderr } = await paw(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
