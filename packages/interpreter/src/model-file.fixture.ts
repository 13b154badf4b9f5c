import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { InterpreterCard, Source } from "./card.ts";

/** A "model" of two megabytes that does not compress. */
export const content: Buffer = Buffer.concat(
  Array.from({ length: 65_536 }, (_, i) => createHash("sha256").update(`block ${i}`).digest()),
);

export const half: number = content.length / 2;

export const sha256: string = createHash("sha256").update(content).digest("hex");

export function fakeCard(...sources: Source[]): InterpreterCard {
  return {
    id: "fake",
    licence: "MIT",
    architecture: "llama",
    file: { name: "fake.gguf", bytes: content.length, sha256 },
    sources,
    chat: { system: "s", user: "u", assistant: "a", end: "e", stop: "e" },
  };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "paw-store-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A real server for one test; `requests` collects the `Range` header of each request. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<{ source: Source; url: string; requests: (string | undefined)[] }> {
  const requests: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers.range);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fake.gguf`;
  return { source: { kind: "http", url }, url, requests };
}

/**
 * Answers as a file server does, with the rest of the file when a range is asked for.
 *
 * @param until the last byte that is sent, not included
 * @param received says when the client has those bytes, for the connection to be cut; without it the connection is left
 *   silent
 */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { until = content.length, received }: { until?: number; received?: () => boolean } = {},
): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": content.length - from,
    ...(from > 0 && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  if (until >= content.length) {
    response.end(content.subarray(from));
    return;
  }
  response.write(content.subarray(from, Math.max(from, until)));
  if (!received) return;
  const look = setInterval(() => received() && response.destroy(), 5);
  response.on("close", () => clearInterval(look));
}
