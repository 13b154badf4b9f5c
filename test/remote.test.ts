import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type CompileOptions, compile, compileInBackground } from "@unplugin-paw/compiler";
import type { Spec } from "@unplugin-paw/spec";
import { rollup } from "rollup";
import paw from "unplugin-paw/rollup";
import vitePaw from "unplugin-paw/vite";
import { createStorage } from "unstorage";
import httpDriver from "unstorage/drivers/http";
import { createLogger, build as viteBuild } from "vite";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createProject, mood, type Project, removeProjects } from "./cache-helpers/project.ts";
import { freePort, hasRedis, startHttp, startMute, startRedis, startStorageServer } from "./cache-helpers/servers.ts";

// The cache that machines share: real servers, and machines that are folders.

let project: Project;
let spec: Spec;
beforeEach(() => {
  project = createProject();
  project.write("mood.paw", mood());
  spec = project.spec("mood.paw");
});
afterAll(removeProjects);

/** Compiles on a machine: a cache of its own. */
async function on(machine: string, remote: CompileOptions["remote"], options: CompileOptions = {}) {
  const warnings: string[] = [];
  const cache = join(project.folder, machine);
  const onWarning = (warning: string) => warnings.push(warning);
  const compiled = await compile(spec, {
    ...{ cache, effort: "draft", onWarning, ...options },
    ...(remote !== undefined && { remote }),
  });
  return { ...compiled, warnings };
}

/** What each kind of remote offers to a test: its address, and how its one value is changed. */
interface Kind {
  remote: CompileOptions["remote"];
  change(edit: (value: Buffer) => Buffer): Promise<void>;
  stop(): Promise<void>;
}

const kinds: [string, boolean, () => Promise<Kind>][] = [
  [
    "Redis",
    hasRedis,
    async () => {
      const redis = await startRedis();
      return {
        remote: redis.url,
        async change(edit) {
          const key = redis.cli("keys", "*");
          expect(key).toMatch(/^unplugin-paw:[0-9a-f]{64}$/);
          const value = Buffer.from(redis.cli("get", key).slice("base64:".length), "base64");
          redis.set(key, `base64:${edit(value).toString("base64")}`);
        },
        stop: redis.stop,
      };
    },
  ],
  [
    "HTTP",
    true,
    async () => {
      const { url, stop, storage } = await startStorageServer();
      return { remote: `${url}team/`, change: (edit) => changeItem(storage, edit), stop };
    },
  ],
  [
    "a storage with unstorage's HTTP driver",
    true,
    async () => {
      const { url, stop, storage } = await startStorageServer();
      const remote = createStorage({ driver: httpDriver({ base: url }) });
      return { remote, change: (edit) => changeItem(storage, edit), stop };
    },
  ],
  [
    "a storage in memory",
    true,
    async () => {
      const storage = createStorage();
      return { remote: storage, change: (edit) => changeItem(storage, edit), stop: async () => {} };
    },
  ],
  ...["a folder", "a file: URL"].map((name): [string, boolean, () => Promise<Kind>] => [
    name,
    true,
    async () => {
      const folder = join(project.folder, "shared folder/of all");
      return {
        remote: name === "a folder" ? folder : pathToFileURL(folder).href,
        async change(edit) {
          const [key = "", ...others] = readdirSync(folder);
          expect(others).toEqual([]);
          writeFileSync(join(folder, key), edit(readFileSync(join(folder, key))));
        },
        stop: async () => {},
      };
    },
  ]),
];

async function changeItem(storage: ReturnType<typeof createStorage>, edit: (value: Buffer) => Buffer): Promise<void> {
  const [key = "", ...others] = await storage.getKeys();
  expect(others).toEqual([]);
  await storage.setItemRaw(key, edit(Buffer.from((await storage.getItemRaw(key)) as Uint8Array)));
}

describe.each(kinds)("%s", (_name, here, start) => {
  test.runIf(here)("what one machine compiles no other does; what it gives is checked", async () => {
    const { remote, change, stop } = await start();
    try {
      const first = await on("first", remote);
      expect({ cached: first.cached, warnings: first.warnings }).toEqual({ cached: false, warnings: [] });
      const second = await on("second", remote);
      expect({ cached: second.cached, warnings: second.warnings }).toEqual({ cached: true, warnings: [] });
      expect(Buffer.compare(second.weights, first.weights)).toBe(0);
      expect(second.report).toEqual(first.report);
      // It is in the cache of that machine now, as if it had been made there.
      expect(second.path).toBe(first.path?.replace("first", "second"));
      expect((await on("second", false, { frozen: true })).cached).toBe(true);

      // One byte of the weights.
      await change((value) => value.fill(value[9000] === 0 ? 1 : 0, 9000, 9001));
      const third = await on("third", remote);
      expect({ cached: third.cached, warnings: third.warnings }).toEqual({
        cached: false,
        warnings: [expect.stringMatching(/^The remote cache .* gave something that is not the program .* altered/)],
      });
      expect(Buffer.compare(third.weights, first.weights)).toBe(0);
      // The third one put it right; whatever comes is told once.
      expect((await on("fourth", remote)).cached).toBe(true);
      for (const edit of garbage) {
        await change(edit);
        const again = await on(`machine ${edit}`, remote);
        expect({ cached: again.cached, warnings: again.warnings }).toEqual({ cached: false, warnings: [] });
      }
    } finally {
      await stop();
    }
  });
});

const garbage: ((value: Buffer) => Buffer)[] = [
  () => Buffer.alloc(0),
  () => Buffer.from("<!doctype html><title>Please log in</title>"),
  (value) => value.subarray(0, value.length / 2),
  (value) => Buffer.concat([value, value]),
  () => Buffer.alloc(5, 255),
];

test("another program in the place of one is not taken, though it is sound", async () => {
  const storage = createStorage();
  project.write("other.paw", mood(" Look twice."));
  await compile(project.spec("other.paw"), { cache: join(project.folder, "a"), effort: "draft", remote: storage });
  const [key = ""] = await storage.getKeys();
  const value = await storage.getItemRaw(key);
  const own = await on("b", storage);
  const [ownKey = ""] = (await storage.getKeys()).filter((one) => one !== key);
  await storage.setItemRaw(ownKey, value);
  const again = await on("c", storage);
  expect({ cached: again.cached, warnings: again.warnings }).toEqual({
    cached: false,
    warnings: [expect.stringContaining("program.json is of another program (other, key ")],
  });
  expect(Buffer.compare(again.weights, own.weights)).toBe(0);
});

describe("a remote that fails is told once, and done without", () => {
  /** Compiles two programs; gives what was said. */
  async function twice(remote: string): Promise<string[]> {
    const machine = `machine of ${remote.replace(/\W/g, "-")}`;
    const [one, two] = [await on(machine, remote), await on(machine, remote, { seed: 1 })];
    expect([one.cached, two.cached]).toEqual([false, false]);
    return [...one.warnings, ...two.warnings];
  }
  const gone = (url: string, why: string) => [
    expect.stringMatching(
      new RegExp(`^The remote cache ${url} cannot be used: ${why}\\. This process goes on without it\\.$`),
    ),
  ];

  test.each(["http", "redis"])("%s: nobody is there; a login is not shown", async (scheme) => {
    const port = await freePort();
    const warnings = await twice(`${scheme}://me:secret@127.0.0.1:${port}/?token=secret`);
    expect(warnings).toEqual(gone(`${scheme}://127.0.0.1:${port}/`, "connect ECONNREFUSED.*"));
    expect(warnings.join()).not.toContain("secret");
  });

  test.concurrent.each(["http", "redis"])("%s: nobody answers, and the process ends all the same", async (scheme) => {
    const mute = await startMute(scheme);
    const machine = createProject();
    for (const name of ["a", "b"]) machine.write(`${name}.paw`, mood(` ${name}`));
    try {
      const args = ["compile", "--effort", "draft", "--remote", mute.url];
      const { code, stdout, stderr } = await machine.paw(args);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "a.weights\nb.weights\n" });
      expect(stderr.match(/warning/g)).toHaveLength(1);
      expect(stderr).toContain(`warning: The remote cache ${mute.url} cannot be used: no answer within 10 seconds.`);
    } finally {
      await mute.stop();
    }
  });

  test("HTTP: an error, a page instead of an answer that never ends", async () => {
    const broken = await startHttp((_, response) => response.writeHead(503).end("<h1>sorry</h1>"));
    expect(await twice(broken.url)).toEqual(gone(broken.url, "it answers 503 Service Unavailable"));
    await broken.stop();
    const endless = await startHttp((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(2 ** 20))) {}
      };
      response.on("drain", more);
      more();
    });
    expect(await twice(endless.url)).toEqual(gone(endless.url, "its answer is far too long"));
    await endless.stop();
  });

  test("HTTP: one that may only be read is read", async () => {
    const { asked, storage, ...writable } = await startStorageServer();
    await on("first", writable.url);
    const [key = ""] = await storage.getKeys();
    const readOnly = await startHttp(async (request, response) => {
      if (request.method !== "GET") response.writeHead(405).end();
      else if (request.url === `/${key}`) response.end(Buffer.from((await storage.getItemRaw(key)) as Uint8Array));
      else response.writeHead(404).end();
    });
    try {
      const [compiled, other] = [
        await on("second", readOnly.url, { seed: 1 }),
        await on("second", readOnly.url, { seed: 2 }),
      ];
      expect([...compiled.warnings, ...other.warnings]).toEqual([
        `The remote cache ${readOnly.url} takes no programs: it answers 405 Method Not Allowed. What this process compiles stays here.`,
      ]);
      expect(await on("second", readOnly.url)).toMatchObject({ cached: true, warnings: [] });
    } finally {
      await readOnly.stop();
      await writable.stop();
    }
  });

  test("HTTP: a login is sent as such", async () => {
    const { storage, ...open } = await startStorageServer();
    const logins: unknown[] = [];
    const guarded = await startHttp(({ headers, method }, response) => {
      logins.push(headers.authorization);
      response.writeHead(method === "GET" ? 404 : 200).end();
    });
    expect((await on("first", guarded.url.replace("//", "//me:p%40ss@"))).warnings).toEqual([]);
    expect(new Set(logins)).toEqual(new Set([`Basic ${Buffer.from("me:p@ss").toString("base64")}`]));
    await guarded.stop();
    await open.stop();
  });

  test.runIf(hasRedis)("Redis: a wrong password, and no room", async () => {
    const locked = await startRedis("--requirepass", "right");
    const url = locked.url.replace("//", "//:wrong@");
    const warnings = await twice(url);
    expect(warnings).toEqual(gone(`${locked.url}`, "WRONGPASS .*"));
    await locked.stop();
    const full = await startRedis("--maxmemory", "1", "--maxmemory-policy", "noeviction");
    expect(await twice(full.url)).toEqual([expect.stringContaining("takes no programs: OOM command not allowed")]);
    await full.stop();
  });

  test.runIf(hasRedis)("Redis: it dies while a program is compiled", async () => {
    const redis = await startRedis();
    let stopped: Promise<void> | undefined;
    const dies = await on("machine", redis.url, {
      onProgress: () => {
        stopped ??= redis.stop();
      },
    });
    await stopped;
    expect(dies).toMatchObject({
      cached: false,
      warnings: [expect.stringContaining("takes no programs: connect ECONNREFUSED")],
    });
    // The next one finds nobody, and says so; then there is silence.
    const next = await on("machine", redis.url, { seed: 1 });
    expect(next.warnings).toEqual([expect.stringContaining("cannot be used: connect ECONNREFUSED")]);
    expect((await on("machine", redis.url, { seed: 2 })).warnings).toEqual([]);
  });

  test("a folder that cannot be made", async () => {
    project.write("file", "");
    const remote = join(project.folder, "file/shared");
    const { cached, warnings } = await on("machine", remote);
    expect({ cached, warnings }).toEqual({ cached: false, warnings: [expect.stringMatching(/ENOTDIR/)] });
  });
});

describe("what cannot be a remote is an error", () => {
  test.each([
    ["s3://bucket/path", "The remote cache s3: is none of redis:, rediss:, http:, https:, file:", "has drivers for S3"],
    ["redis://:p%ss:word@[host", "The address of the remote cache (redis:) is not a valid URL.", "%40"],
    [{} as never, "neither an address nor a storage", "createStorage"],
  ])("%j", async (remote, message, hint) => {
    await expect(on("machine", remote)).rejects.toMatchObject({
      name: "RemoteError",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    expect(existsSync(join(project.folder, "machine"))).toBe(false);
  });

  test.each(["ioredis", "unstorage"])("Redis without %s", async (absent) => {
    // The resolver of a machine where it is not installed.
    const hook = `export async function resolve(name, context, next) {
      if (name === "${absent}") throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
      return next(name, context);
    }`;
    const register = `import { register } from "node:module"; register("data:text/javascript,${encodeURIComponent(hook)}");`;
    const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(register)}`;
    const { code, stderr } = await project.paw(["compile", "mood.paw", "--effort", "draft"], {
      NODE_OPTIONS,
      PAW_REMOTE: "redis://127.0.0.1:1",
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error: A remote cache in Redis needs the packages unstorage and ioredis.\nhint: Install them: npm install -D unstorage ioredis\n",
    );
  });
});

test("two processes of a machine compile once and send once; another machine takes it, frozen ones ask nobody", async () => {
  const server = await startStorageServer();
  try {
    const args = ["compile", "--cache-only", "--effort", "draft", "--cache"];
    const env = { PAW_REMOTE: server.url };
    const both = await Promise.all([project.paw([...args, "one"], env), project.paw([...args, "one"], env)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(server.asked.filter((request) => request.startsWith("PUT"))).toHaveLength(1);
    server.asked.length = 0;
    const other = await project.paw([...args, "two"], { ...env, PAW_HOME: join(project.folder, "no interpreter") });
    expect(other).toMatchObject({ code: 0, stderr: expect.stringContaining("from the cache") });
    expect(existsSync(join(project.folder, "no interpreter"))).toBe(false);
    expect(server.asked).toEqual([expect.stringMatching(/^GET \/[0-9a-f]{64}$/)]);
    server.asked.length = 0;
    expect(await project.paw([...args, "three", "--frozen"], env)).toMatchObject({ code: 1 });
    expect(await project.paw([...args, "two", "--frozen"], env)).toMatchObject({ code: 0 });
    expect(server.asked).toEqual([]);
  } finally {
    await server.stop();
  }
});

test("a compile in the background asks the remote as well, and passes on what it is warned of", async () => {
  const server = await startStorageServer();
  const inBackground = async (cache: string, remote: CompileOptions["remote"]) => {
    const warnings: string[] = [];
    const onWarning = (warning: string) => warnings.push(warning);
    const options = { cache: join(project.folder, cache), effort: "draft" as const, onWarning };
    await compileInBackground(spec, { ...options, ...(remote !== undefined && { remote }) });
    return warnings;
  };
  try {
    await on("first", server.url);
    server.asked.length = 0;
    expect(await inBackground("second", server.url)).toEqual([]);
    // It was found, so nothing was sent.
    expect(server.asked).toEqual([expect.stringMatching(/^GET /)]);
    const nobody = `http://127.0.0.1:${await freePort()}/`;
    expect(await inBackground("third", nobody)).toEqual([expect.stringContaining(`${nobody} cannot be used`)]);
    // A storage cannot be sent to another process.
    expect(await inBackground("fourth", createStorage())).toEqual([]);
  } finally {
    await server.stop();
  }
});

describe("a warning reaches the user of", () => {
  const warning = /The remote cache http:\/\/127\.0\.0\.1:\d+\/ cannot be used: connect ECONNREFUSED/;
  const options = async () => ({
    ...{ cache: join(project.folder, "cache"), effort: "draft" as const, types: false as const },
    remote: `http://127.0.0.1:${await freePort()}/`,
  });

  test("Rollup", async () => {
    project.write("main.js", 'export { default } from "./mood.paw";\n');
    const warnings: string[] = [];
    const bundle = await rollup({
      input: join(project.folder, "main.js"),
      external: ["@unplugin-paw/runtime"],
      plugins: [paw(await options())],
      onLog: (level, { message }) => {
        if (level === "warn") warnings.push(message);
      },
    });
    await bundle.close();
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  test("Vite", async () => {
    project.linkRuntime();
    project.write("main.js", 'export { default } from "./mood.paw";\n');
    const warnings: string[] = [];
    const customLogger = { ...createLogger("warn"), warn: (message: string) => void warnings.push(message) };
    await viteBuild({
      root: project.folder,
      configFile: false,
      customLogger,
      plugins: [vitePaw(await options())],
      build: { ssr: "main.js", rolldownOptions: { external: ["@unplugin-paw/runtime"] } },
    });
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});
