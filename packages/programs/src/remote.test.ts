import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { remoteOf } from "./remote.ts";

// A server that says it is Redis: what it sends is one warning, and no end of the process.
it.each<[string, (socket: Socket) => void, RegExp]>([
  [
    "a page",
    (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n<h1>no</h1>"),
    /Protocol error, got "H" as reply type byte\. This/,
  ],
  ["noise", (socket) => socket.write(Buffer.alloc(5000, 0xfe)), /Protocol error/],
  ["lists in lists", (socket) => socket.write("*1\r\n".repeat(200_000)), /it does not speak Redis's protocol/],
  ["half an answer", (socket) => socket.end("$100\r\nabc"), /Connection is closed/],
  ["a reset", (socket) => socket.resetAndDestroy(), /ECONNRESET|closed/],
  [
    "bytes without end",
    (socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(2 ** 22)));
      };
      socket.write("$99999999999\r\n");
      socket.on("drain", more);
      more();
    },
    /its answer is far too long/,
  ],
])("Redis that sends %s", async (_, lie, message) => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => lie(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const warnings: string[] = [];
  const call = { onWarning: (warning: string) => warnings.push(warning), signal: new AbortController().signal };
  try {
    const remote = remoteOf(url);
    expect(await remote.get("a".repeat(64), () => expect.unreachable(), call)).toBeUndefined();
    await remote.put("a".repeat(64), () => new Uint8Array(10), call);
    expect(warnings).toEqual([expect.stringMatching(message)]);
  } finally {
    server.close();
  }
});
