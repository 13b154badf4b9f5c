import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fetchHttp } from "./fetch-http.ts";
import { content, fakeCard, half, sendFile, serve, sha256, temporaryFolder } from "./model-file.fixture.ts";
import type { FetchJob } from "./source.ts";

async function newJob(): Promise<FetchJob & { loaded: number[] }> {
  const loaded: number[] = [];
  return {
    file: fakeCard().file,
    partial: join(await temporaryFolder(), "fake.gguf.partial"),
    onProgress: (progress) => loaded.push(progress.loaded),
    signal: new AbortController().signal,
    loaded,
  };
}

describe("fetchHttp", () => {
  it("writes the file and gives its digest", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const job = await newJob();
    expect(await fetchHttp(server.url, job)).toBe(sha256);
    expect(content.equals(await readFile(job.partial))).toBe(true);
    expect(job.loaded.at(-1)).toBe(content.length);
    expect(job.loaded).toEqual(job.loaded.toSorted((a, b) => a - b));
  });

  it("goes on where a cut connection stopped", async () => {
    const job = await newJob();
    const received = () => job.loaded.at(-1) === half;
    const server = await serve((request, response, count) =>
      sendFile(request, response, count === 1 ? { until: half, received } : {}),
    );
    expect(await fetchHttp(server.url, job)).toBe(sha256);
    expect(server.requests).toEqual([undefined, `bytes=${half}-`]);
  });

  it("goes on where an earlier run stopped", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const job = await newJob();
    await writeFile(job.partial, content.subarray(0, 1000));
    expect(await fetchHttp(server.url, job)).toBe(sha256);
    expect(server.requests).toEqual(["bytes=1000-"]);
  });

  it("asks for nothing when the earlier run had it all", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const job = await newJob();
    await writeFile(job.partial, content);
    expect(await fetchHttp(server.url, job)).toBe(sha256);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["ignores Range", 200],
    ["refuses Range", 416],
  ])("starts over with a server that %s", async (_, status) => {
    const server = await serve((request, response) => {
      if (request.headers.range && status === 416) response.writeHead(416).end();
      else response.writeHead(200, { "content-length": content.length }).end(content);
    });
    const job = await newJob();
    await writeFile(job.partial, content.subarray(0, half));
    expect(await fetchHttp(server.url, job)).toBe(sha256);
    expect(content.equals(await readFile(job.partial))).toBe(true);
  });

  it("starts over from a partial file that is too long", async () => {
    const server = await serve((request, response) => sendFile(request, response));
    const job = await newJob();
    await writeFile(job.partial, Buffer.concat([content, content]));
    expect(await fetchHttp(server.url, job)).toBe(sha256);
    expect(server.requests).toEqual([undefined]);
  });

  it.each([
    ["a missing file", "HTTP 404 Not Found", 404, { "content-length": 4 }, "gone"],
    ["a log-in page", "offers 6 bytes where 2097152 were expected", 200, { "content-length": 6 }, "log in"],
    ["endless bytes", "sent more than the expected 2097152 bytes", 200, {}, Buffer.concat([content, content])],
  ])("says what is wrong with %s", async (_, message, status, headers, body) => {
    const server = await serve((_request, response) => response.writeHead(status, headers).end(body));
    await expect(fetchHttp(server.url, await newJob())).rejects.toThrow(message);
  });

  it("gives up on a connection that stalls without bringing anything new", async () => {
    const server = await serve((request, response) => sendFile(request, response, { until: half }));
    const job = await newJob();
    await expect(fetchHttp(server.url, job, 300)).rejects.toThrow("no answer for 0.3 s");
    expect(server.requests).toEqual([undefined, `bytes=${half}-`]);
    expect((await readFile(job.partial)).length).toBe(half);
  });

  it("gives up on a server that accepts and never answers", async () => {
    const server = await serve(() => {});
    await expect(fetchHttp(server.url, await newJob(), 300)).rejects.toThrow("no answer");
  });

  it("gives up on a server that sends a byte now and then, and keeps what came", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": content.length });
      let at = 0;
      const timer = setInterval(() => response.write(content.subarray(at, ++at)), 20);
      response.on("close", () => clearInterval(timer));
    });
    const job = await newJob();
    await expect(fetchHttp(server.url, job, 300)).rejects.toThrow("sends less than 2048 bytes a second");
    expect((await readFile(job.partial)).length).toBeGreaterThan(0);
    expect(server.requests).toEqual([undefined]);
  });

  it("gives up on a server that ends each connection after a byte", async () => {
    const job = await newJob();
    const server = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      sendFile(request, response, { until: from + 1, received: () => (job.loaded.at(-1) ?? 0) > from });
    });
    await expect(fetchHttp(server.url, job)).rejects.toThrow("other side closed");
    expect(server.requests.length).toBe(5);
  });

  it("says why there is no connection", async () => {
    await expect(fetchHttp("http://127.0.0.1:1/x", await newJob())).rejects.toThrow(/ECONNREFUSED|bad port/);
    await expect(fetchHttp("http://model.invalid/x", await newJob())).rejects.toThrow("ENOTFOUND");
  });
});
