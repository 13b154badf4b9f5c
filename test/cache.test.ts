import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { join, relative } from "node:path";
import { type Compiled, CompileError, type CompileOptions, compile } from "@unplugin-paw/compiler";
import { rollup } from "rollup";
import paw from "unplugin-paw/rollup";
import vitePaw from "unplugin-paw/vite";
import { createServer } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createProject, mood, type Project, removeProjects, withoutRoot } from "./cache-helpers/project.ts";

// Where programs lie and what may become of them there: the files, frozen builds, and the commands that keep a folder.

let project: Project;
let programs: string;
beforeEach(() => {
  project = createProject();
  programs = join(project.folder, "programs");
});
afterAll(removeProjects);

/** Entries of a draft, made once, which tests copy into their project. */
let warm: Project;
let drafted: Compiled;
beforeAll(async () => {
  warm = createProject();
  warm.write("mood.paw", mood());
  drafted = await compile(warm.spec("mood.paw"), { cache: join(warm.folder, "programs"), effort: "draft" });
}, 120_000);

const warmed = () => {
  project.write("mood.paw", mood());
  cpSync(join(warm.folder, "programs"), programs, { recursive: true });
  return project
    .files("programs")
    .find((path) => path.endsWith("program.json"))
    ?.split("/")[0] as string;
};
const frozen = (options: CompileOptions = {}) =>
  compile(project.spec("mood.paw"), { cache: programs, effort: "draft", frozen: true, ...options });
const failure = async (compiling: Promise<unknown>): Promise<CompileError> => {
  const error = await compiling.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CompileError);
  return error;
};

describe("an entry", () => {
  const instead: [string, (path: string) => void, string][] = [
    ["a pipe", (path) => void execFileSync("mkfifo", [path]), "it is a pipe, not a file"],
    ["a link to /dev/zero", (path) => symlinkSync("/dev/zero", path), "it is a device"],
    ["a hole of a terabyte", (path) => void execFileSync("truncate", ["-s", "1T", path]), "and may have 67,108,864"],
    ["a folder", (path) => void mkdirSync(path), "it is a folder, not a file"],
  ];
  test.runIf(process.platform === "linux").each(instead)("whose file is %s is not waited for", async (_, make, why) => {
    for (const file of ["program.json", "mood.weights"]) {
      const folder = warmed();
      const path = join(programs, folder, file);
      rmSync(path);
      make(path);
      const { message, code } = await failure(frozen());
      expect({ code, message }).toEqual({ code: "DAMAGED", message: expect.stringContaining(why) });
      const warnings: string[] = [];
      const compiled = await frozen({ frozen: false, onWarning: (warning) => warnings.push(warning) });
      expect(warnings).toEqual([expect.stringContaining(why)]);
      expect(Buffer.compare(compiled.weights, drafted.weights)).toBe(0);
      rmSync(programs, { recursive: true });

      // The same in a folder that machines share.
      const shared = join(project.folder, `shared for ${file}`); // a remote is warned of once
      const onWarning = (warning: string) => warnings.push(warning);
      const key = JSON.parse(warm.read(`programs/${folder}/program.json`).toString()).key;
      mkdirSync(shared);
      make(join(shared, key));
      await compile(project.spec("mood.paw"), { cache: programs, effort: "draft", remote: shared, onWarning });
      expect(warnings.slice(1).join()).toContain(why);
      rmSync(programs, { recursive: true });
      rmSync(shared, { recursive: true });
    }
  });

  test("is a folder that people can read, and the same from the same spec", async () => {
    const folder = warmed();
    expect(folder).toMatch(/^mood-[0-9a-f]{16}$/);
    expect(project.files("programs")).toEqual([`${folder}/mood.weights`, `${folder}/program.json`]);
    const manifest = JSON.parse(project.read(`programs/${folder}/program.json`).toString());
    const weights = project.read(`programs/${folder}/mood.weights`);
    expect(manifest).toMatchObject({
      name: "mood",
      key: expect.stringMatching(new RegExp(`^${folder.slice(5)}[0-9a-f]{48}$`)),
      spec: project.spec("mood.paw").digest,
      effort: "draft",
      seed: 0,
      compiler: expect.stringMatching(/^\d+\.\d+\.\d+/),
      interpreter: { id: "paw-135m" },
      weights: { bytes: weights.length, sha256: createHash("sha256").update(weights).digest("hex") },
      tests: [{ output: expect.any(String) }, { output: expect.any(String) }],
    });
    // Nothing in it says where or when it was made.
    expect(JSON.stringify(manifest)).not.toContain(warm.folder);
    await compile(project.spec("mood.paw"), { cache: join(project.folder, "again"), effort: "draft" });
    expectSame(project.read(`again/${folder}/program.json`), project.read(`programs/${folder}/program.json`));
  });

  test("has a name that fits every file system", async () => {
    const name = "long".repeat(50);
    project.write(`${name}.paw`, mood());
    const { path } = await compile(project.spec(`${name}.paw`), { cache: programs, effort: "draft" });
    expect(path).toMatch(/[/\\](long){15}-[0-9a-f]{16}[/\\](long){15}\.weights$/);
    expect((await compile(project.spec(`${name}.paw`), { cache: programs, effort: "draft" })).cached).toBe(true);
  });
});

describe("frozen", () => {
  test("takes what is there and writes nothing, without an interpreter", async () => {
    warmed();
    execFileSync("chmod", ["-R", "a-w", programs]);
    const { cached, path, weights, report } = await frozen();
    expect({ cached, score: report.accuracy }).toEqual({ cached: true, score: drafted.report.accuracy });
    expectSame(project.read(`programs/${path?.slice(programs.length + 1)}`), weights);
    const home = join(project.folder, "home");
    const env = { PAW_HOME: home, PAW_REMOTE: "redis://127.0.0.1:1" };
    const args = ["--frozen", "--cache", "programs", "--effort", "draft"];
    expect(await project.paw(["compile", "mood.paw", ...args], env)).toMatchObject({
      code: 0,
      stdout: "mood.weights\n",
      stderr: expect.stringMatching(/^mood\.paw: .* from the cache\n$/),
    });
    expectSame(project.read("mood.weights"), weights);
    expect(existsSync(home)).toBe(false);
    execFileSync("chmod", ["-R", "u+w", programs]);
  });

  test("finds a program of a GGUF that is not here", async () => {
    project.write("mood.paw", mood());
    // Any bytes: a program is found by the digest, and what is in the file matters only to a compile.
    const key = async () => (await failure(frozen({ gguf: join(project.folder, "own.gguf") }))).message;
    project.write("own.gguf", "GGUF");
    expect(await key()).toContain("has no program of this spec");
    rmSync(join(project.folder, "own.gguf"));
    await expect(frozen({ gguf: join(project.folder, "own.gguf") })).rejects.toThrow("Cannot read the model file");
    warmed();
    expectSame((await frozen({ gguf: join(project.folder, "own.gguf") })).weights, drafted.weights);
  });

  test.each<[string, (folder: string) => CompileOptions | undefined, string]>([
    [
      "an empty cache",
      () => rmSync(programs, { recursive: true }) as undefined,
      "programs has no program of this spec, and this build is frozen. There is none under the name mood.",
    ],
    [
      "a spec that was edited",
      () => project.write("mood.paw", mood(" Be quick.")) as undefined,
      "There is programs/FOLDER, but the spec, or a file that it reads, has changed since.",
    ],
    [
      "another effort",
      () => ({ effort: "thorough" }),
      "There is programs/FOLDER, but its effort is draft, not thorough.",
    ],
    ["another seed", () => ({ seed: 7 }), "but its seed is 0, not 7."],
    [
      "another interpreter",
      () => {
        project.write("other.gguf", "GGUF");
        return { gguf: join(project.folder, "other.gguf") };
      },
      "but its interpreter is paw-135m (",
    ],
    [
      "a folder that was renamed",
      (folder) => renameSync(join(programs, folder), join(programs, "mood")) as undefined,
      "There is programs/mood, but its place is programs/FOLDER.",
    ],
  ])("says why it fails: %s", async (_what, change, message) => {
    const folder = warmed();
    const options = change(folder);
    const error = await failure(inFolder(() => frozen(options)));
    expect(error).toMatchObject({ code: "MISSING", location: { file: join(project.folder, "mood.paw"), line: 1 } });
    expect(error.message).toContain(message.replace("FOLDER", folder));
    expect(error.hint).toMatch(
      /^Run `paw compile --cache-only.* --cache programs.* mood\.paw` and commit the folder\.$/,
    );
  });

  test("says why it fails: another name, another version of the compiler, no cache at all", async () => {
    const folder = warmed();
    renameSync(join(project.folder, "mood.paw"), join(project.folder, "temper.paw"));
    const renamed = await failure(
      compile(project.spec("temper.paw"), { cache: programs, effort: "draft", frozen: true }),
    );
    expect(renamed.message).toContain(`mood-${folder.slice(5)}: the spec had another name when it was compiled.`);
    const none = await failure(compile(project.spec("temper.paw"), { cache: false, frozen: true }));
    expect(none.message).toBe("A frozen build takes its programs from a cache, and there is none.");
    renameSync(join(project.folder, "temper.paw"), join(project.folder, "mood.paw"));
    forge(folder, (manifest) => ({ ...manifest, compiler: "0.0.9" }), "in its own place");
    rmSync(join(programs, folder), { recursive: true });
    const { message } = await failure(frozen());
    expect(message).toMatch(/but version 0\.0\.9 of the compiler made it, and this is \d+\.\d+\.\d+\./);
  });

  const damages: [string, (folder: string) => void, RegExp, string][] = [
    [
      "a Git LFS pointer",
      (folder) =>
        project.write(
          `${folder}/mood.weights`,
          "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        ),
      /the \.weights file is a Git LFS pointer/,
      "git lfs pull",
    ],
    [
      "converted line ends",
      (folder) => toWindows(`${folder}/mood.weights`),
      /line ends .* were converted/,
      ".gitattributes",
    ],
    [
      "half a file",
      (folder) => project.write(`${folder}/mood.weights`, project.read(`${folder}/mood.weights`).subarray(0, 20_000)),
      /has 20,000 of \d{3},\d{3} bytes/,
      "Restore the folder",
    ],
    [
      "other bytes",
      (folder) => project.write(`${folder}/mood.weights`, project.read(`${folder}/mood.weights`).fill(7, 9000, 9001)),
      /SHA-256 is not the one in program\.json/,
      "Restore the folder",
    ],
    [
      "no weights",
      (folder) => rmSync(join(project.folder, folder, "mood.weights")),
      /the \.weights file is missing/,
      "Restore the folder",
    ],
    [
      "no manifest",
      (folder) => rmSync(join(project.folder, folder, "program.json")),
      /program\.json is missing/,
      "Restore the folder",
    ],
    [
      "a merge conflict",
      (folder) => project.write(`${folder}/program.json`, `<<<<<<< HEAD\n${project.read(`${folder}/program.json`)}`),
      /program\.json has the marks of a merge conflict/,
      "Restore the folder",
    ],
    [
      "better results",
      (folder) => {
        const text = project.read(`${folder}/program.json`).toString();
        project.write(`${folder}/program.json`, text.replace(/"output": "\w+"/, '"output": "better"'));
      },
      /program\.json was altered/,
      "Restore the folder",
    ],
    [
      "another entry in its place",
      (folder) => forge(folder.slice("programs/".length), (manifest) => ({ ...manifest, seed: 9 })),
      /program\.json is of another program \(mood, key /,
      "Restore the folder",
    ],
  ];
  test.each(damages)("says what is wrong with %s; without frozen it is made anew, with a warning", async (...row) => {
    const [, damage, message, hint] = row;
    const folder = `programs/${warmed()}`;
    damage(folder);
    const error = await failure(inFolder(() => frozen()));
    expect(error.code).toBe("DAMAGED");
    expect(error.message.startsWith(`${folder} is damaged, and this build is frozen: `)).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.hint).toContain(hint);
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    const again = await compile(project.spec("mood.paw"), { cache: programs, effort: "draft", onWarning });
    expect({ cached: again.cached, warnings }).toEqual({ cached: false, warnings: [expect.stringMatching(message)] });
    expectSame((await frozen()).weights, drafted.weights);
  });

  test("does not mind the line ends of the manifest", async () => {
    toWindows(`programs/${warmed()}/program.json`);
    expectSame((await frozen()).weights, drafted.weights);
  });

  test.each([
    ["and comes out whole with the lines of docs/cache.md", true],
    ["and is damaged where Git was told that all is text", false],
  ])("a committed folder goes through Git %s", async (_what, documented) => {
    const folder = warmed();
    const documentation = readFileSync(new URL("../docs/cache.md", import.meta.url), "utf8");
    const lines = /```gitattributes\n([\s\S]*?)```/.exec(documentation)?.[1] as string;
    project.write(".gitattributes", `* text eol=crlf\n${documented ? lines : ""}`);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        cwd: project.folder,
        stdio: "pipe",
      });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "programs");
    rmSync(programs, { recursive: true });
    rmSync(join(project.folder, "mood.paw"));
    git("checkout", "--", ".");
    expect(project.read("mood.paw").toString()).toContain("\r\n");
    if (documented) return expectSame((await frozen()).weights, drafted.weights);
    const { message, hint } = await failure(inFolder(() => frozen()));
    expect(message).toBe(
      `programs/${folder} is damaged, and this build is frozen: the line ends of the .weights file were converted.`,
    );
    expect(hint).toContain(".gitattributes");
  });

  test("keeps the accuracy gate", async () => {
    const gated = mood("\n").replace("returns:", "accuracy: 1\nreturns:").replace("=> bad", "=> good");
    project.write("mood.paw", gated);
    const first = await failure(compile(project.spec("mood.paw"), { cache: programs, effort: "draft" }));
    const second = await failure(frozen());
    expect([first.code, second.code]).toEqual(["ACCURACY", "ACCURACY"]);
    expect(second.message).toBe(first.message);
  });

  test("is an error of the build, with place and hint; the committed folder is enough for one that passes", async () => {
    warmed();
    project.write("main.js", 'export { default } from "./mood.paw";\n');
    const build = async () => {
      const plugins = [paw({ cache: programs, effort: "draft", frozen: true, types: false })];
      const external = ["@unplugin-paw/runtime"];
      const bundle = await rollup({ input: join(project.folder, "main.js"), plugins, external, onLog: () => {} });
      const { output } = await bundle.generate({ format: "es" });
      return output.map(({ fileName }) => fileName);
    };
    expect(await build()).toEqual(["main.js", expect.stringMatching(/^assets\/mood-.*\.weights$/)]);
    project.write("mood.paw", mood(" Be quick."));
    await expect(build()).rejects.toMatchObject({
      message: expect.stringMatching(
        /mood\.paw:1:1: .* has no program of this spec, and this build is frozen\. .* has changed since\.\nhint: Run `paw compile --cache-only --effort draft --cache /,
      ),
      loc: { file: join(project.folder, "mood.paw"), line: 1 },
      frame: expect.stringContaining("> 1 | ---"),
    });
  });
});

test("a frozen dev server drafts and trains nothing", async () => {
  const folder = warmed();
  project.linkRuntime();
  const plugins = [vitePaw({ cache: programs, effort: "draft", frozen: true, types: false })];
  const server = await createServer({
    root: project.folder,
    configFile: false,
    logLevel: "silent",
    plugins,
    server: { middlewareMode: true, ws: false },
  });
  const load = () => server.environments.ssr.transformRequest(join(project.folder, "mood.paw"));
  try {
    expect((await load())?.code).toContain(`/programs/${folder}/mood.weights`);
    project.write("mood.paw", mood(" Be quick."));
    server.environments.ssr.moduleGraph.invalidateAll();
    await expect(load()).rejects.toMatchObject({ message: expect.stringContaining("this build is frozen") });
    expect(project.files("programs")).toEqual([`${folder}/mood.weights`, `${folder}/program.json`]);
  } finally {
    await server.close();
  }
});

describe("paw compile", () => {
  const specs = ["a.paw", "b/a.paw", "b/c.paw", "copy/a.paw", "d.paw", "e/f/g.paw", "é.paw"];
  const writeSpecs = () => {
    for (const path of specs) project.write(path, mood(path === "copy/a.paw" ? " a.paw" : ` ${path}`));
    project.write("node_modules/not/mine.paw", mood());
  };

  test("fills the cache with all specs of the folder, once each", async () => {
    writeSpecs();
    const args = ["compile", "--cache-only", "--cache", "programs", "--effort", "draft"];
    const first = await project.paw(args);
    expect(first.code).toBe(0);
    expect(first.stdout.trimEnd().split("\n")).toHaveLength(specs.length);
    // Two of the seven are copies, and so one program.
    expect(new Set(first.stdout.trimEnd().split("\n"))).toEqual(
      new Set(
        project
          .files("programs")
          .filter((path) => path.endsWith(".weights"))
          .map((path) => `programs/${path}`),
      ),
    );
    expect(first.stderr.match(/from the cache/g)).toHaveLength(1);
    expect(project.files().filter((path) => path.endsWith(".weights") && !path.startsWith("programs/"))).toEqual([]);
    const second = await project.paw([...args, "--frozen"]);
    expect(second).toEqual({ code: 0, stdout: first.stdout, stderr: expect.stringContaining("from the cache") });
    project.write("d.paw", mood(" changed"));
    const third = await project.paw([...args, "--frozen"]);
    expect(third).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("d.paw:1:1: error: programs has no program"),
    });
    expect(third.stdout.trimEnd().split("\n")).toHaveLength(specs.length - 1);
  });

  test("shards have each program once between them", async () => {
    writeSpecs();
    project.write("broken.paw", "---\nreturn: [a, b]\n---\nx\n");
    // Frozen, so that every spec is named and nothing is compiled.
    const shard = async (part: string) => {
      const args = ["--cache-only", "--cache", "none", "--frozen", "--shard", part];
      const { stderr } = await project.paw(["compile", ...args]);
      return [...stderr.matchAll(/(\S+\.paw):\d+:\d+: error/g)].map(([, path]) =>
        relative(project.folder, join(project.folder, path as string)),
      );
    };
    const [first, second] = await Promise.all([shard("1/2"), shard("2/2")]);
    expect([...new Set(first), ...new Set(second)].sort()).toEqual([...specs, "broken.paw"].sort());
  });

  test.each([
    [["--shard", "0/2"], "The first of five parts is 1/5"],
    [["--shard", "3/2"], "The first of five parts is 1/5"],
    [["--shard", "half"], "The first of five parts is 1/5"],
    [["--cache-only", "-o", "out/"], "cannot be used with"],
    [["--cache-only", "--no-cache"], "leave nothing to do"],
  ])("%j is wrong usage", async (args, message) => {
    project.write("mood.paw", mood());
    expect(await project.paw(["compile", ...args])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(message),
    });
  });

  test("--cache-only fails where the cache cannot be written", async () => {
    project.write("mood.paw", mood());
    project.write("file", "");
    const { code, stdout, stderr } = await project.paw([
      "compile",
      "--cache-only",
      "--cache",
      "file/cache",
      "--effort",
      "draft",
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("Cannot write file/cache: the program could not be kept there.");
  });

  test("two processes make a program once", async () => {
    project.write("mood.paw", mood());
    const args = ["compile", "--cache-only", "--cache", "programs", "--effort", "draft"];
    const both = await Promise.all([project.paw(args), project.paw(args)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ stderr }) => stderr.includes("from the cache"))).toHaveLength(1);
  });
});

describe("paw cache prune", () => {
  const prune = (...args: string[]) => project.paw(["cache", "prune", "--cache", "programs", ...args]);

  test("removes what no spec needs, and nothing else", async () => {
    const folder = warmed();
    // Three specs, one with two efforts, one that is broken now; and what one of them was before.
    const compiled = async (path: string, text: string, options: CompileOptions = {}) => {
      project.write(path, text);
      const { path: file } = await compile(project.spec(path), { cache: programs, effort: "draft", ...options });
      return `programs/${file?.split("/").at(-2)}`;
    };
    const old = await compiled("b/other.paw", mood(" Old."));
    const gone = await compiled("gone.paw", mood(" Gone."));
    const kept = [
      `programs/${folder}`,
      await compiled("mood.paw", mood(), { effort: "standard" }),
      await compiled("b/other.paw", mood(" New.")),
      await compiled("broken.paw", mood(" Broken.")),
    ];
    project.write("broken.paw", "---\nreturn: oops\n---\n");
    rmSync(join(project.folder, "gone.paw"));
    const version = forge(
      `${gone.slice(9)}`,
      (manifest) => ({ ...manifest, name: "mood", compiler: "0.0.9" }),
      "by version",
    );
    // What killed and running compiles leave; what is not ours.
    const [dead, alive] = [`programs/mood-${"0".repeat(16)}.77.partial`, `programs/mood-${"1".repeat(16)}.78.partial`];
    project.write(`${dead}/mood.weights`, "half");
    project.write(`${alive}/mood.weights`, "half");
    const [staleLock, freshLock] = [`programs/mood-${"2".repeat(16)}.lock`, `programs/mood-${"3".repeat(16)}.lock`];
    for (const lock of [staleLock, freshLock]) mkdirSync(join(project.folder, lock));
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const path of [dead, staleLock]) utimesSync(join(project.folder, path), hourAgo, hourAgo);
    project.write("programs/README.md", "mine");
    project.write("programs/notes-0123456789abcdef/thoughts.txt", "mine");
    cpSync(join(project.folder, old), join(project.folder, "programs/renamed"), { recursive: true });
    const mixed = forge(old.slice(9), (manifest) => ({ ...manifest, seed: 5 }), "with a file of mine");
    project.write(`${mixed}/thoughts.txt`, "mine");
    const linked = `programs/mood-${"4".repeat(16)}`;
    symlinkSync(join(project.folder, old), join(project.folder, linked));

    const before = project.files("programs");
    const removed = [dead, staleLock, gone, old, version].sort();
    const dry = await prune("--dry-run");
    expect(dry.stdout.trimEnd().split("\n").sort()).toEqual(removed);
    expect(project.files("programs")).toEqual(before);
    const { code, stdout, stderr } = await prune();
    expect({ code, lines: stdout.trimEnd().split("\n").sort() }).toEqual({ code: 0, lines: removed });
    expect(stderr).toMatch(/^removed 5 \(\d\.\d\d MB\), kept 4: programs\n$/);
    expect(dry.stderr).toBe(stderr.replace("removed", "would remove"));
    for (const path of removed) expect(existsSync(join(project.folder, path))).toBe(false);
    for (const path of [...kept, alive, freshLock, mixed, "programs/renamed"]) {
      expect(existsSync(join(project.folder, path))).toBe(true);
    }
    expect(project.read("programs/notes-0123456789abcdef/thoughts.txt").toString()).toBe("mine");
    expect((await prune()).stdout).toBe("");
  });

  test("refuses where it would remove everything, and does nothing in a wrong folder", async () => {
    const folder = warmed();
    project.write("src/main.js", "");
    expect(await project.paw(["cache", "prune", "--cache", "src"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "removed 0 (0 bytes), kept 0: src\n",
    });
    expect(await project.paw(["cache", "prune", "--cache", "nowhere"])).toMatchObject({ code: 2 });
    expect(await project.paw(["cache", "prune", "--cache", "mood.paw"])).toMatchObject({ code: 2 });
    expect(await project.paw(["cache", "prune"])).toMatchObject({ code: 0, stdout: "" });
    rmSync(join(project.folder, "mood.paw"));
    expect(await prune()).toMatchObject({ code: 2, stderr: expect.stringContaining("every program would be removed") });
    expect(existsSync(join(programs, folder))).toBe(true);
  });

  test("says what it cannot remove", async () => {
    warmed();
    project.write("mood.paw", mood(" Changed."));
    chmodSync(programs, 0o500);
    const args = ["cache", "prune", "--cache", "programs"];
    const pruned = await project.paw(args, {}, withoutRoot);
    expect(pruned).toMatchObject({ code: 1, stderr: expect.stringContaining("EACCES") });
    chmodSync(programs, 0o700);
  });
});

/** (Vitest takes a second to compare a program byte for byte.) */
function expectSame(found: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(found, expected)).toBe(0);
}

/** Runs something in the project's folder: messages name paths relative to where they are read. */
async function inFolder<T>(work: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(project.folder);
  try {
    return await work();
  } finally {
    process.chdir(before);
  }
}

function toWindows(path: string): void {
  const text = project.read(path).toString("latin1").replace(/\r?\n/g, "\r\n");
  project.write(path, Buffer.from(text, "latin1"));
}

/**
 * Writes a sound manifest of another origin: in place of an entry's own, or, with a reason, as an entry of its own;
 * gives its folder.
 */
function forge(folder: string, change: (manifest: Manifest) => Manifest, own?: string): string {
  const { digest: _, ...manifest } = change(JSON.parse(project.read(`programs/${folder}/program.json`).toString()));
  const { method, compiler, interpreter, spec, name, effort, seed } = manifest;
  const parts = [`paw program ${method}`, compiler, interpreter.digest, spec, name, effort, String(seed)];
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  manifest.key = hash.digest("hex");
  const digest = createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
  const target = own === undefined ? folder : `${name}-${manifest.key.slice(0, 16)}`;
  project.write(`programs/${target}/program.json`, JSON.stringify({ ...manifest, digest }));
  return `programs/${target}`;
}

interface Manifest {
  key: string;
  name: string;
  spec: string;
  effort: string;
  seed: number;
  compiler: string;
  method: number;
  interpreter: { id: string; digest: string };
  digest: string;
}
