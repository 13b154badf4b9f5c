import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { remoteOf } from "../../../packages/programs/src/remote.ts";
import type { Kind } from "../kind.ts";
import { mutateText, type Random } from "../random.ts";

const redis = [
  ...[
    "+OK\r\n",
    ":1\r\n",
    "$3\r\nabc\r\n",
    "$-1\r\n",
    "*1\r\n",
    "*-1\r\n",
    "$99999999999\r\n",
    "*4294967295\r\n",
    "$abc\r\n",
  ],
  ...["-ERR no\r\n", "-NOAUTH Authentication required.\r\n", "-LOADING soon\r\n", ">3\r\n", "HTTP/1.1 400 no\r\n\r\n"],
];
const http = [
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde",
  "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nabcde",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffff\r\nab",
  "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n",
  "HTTP/1.1 500 no\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\nnot gzip",
];

/** Sends something, then closes, resets, or (seldom) goes on without end or says no more. */
function lie(random: Random, socket: Socket, sentences: readonly string[]): void {
  const sentence = random.pick(sentences);
  socket.write(mutateText(random, sentence.repeat(random.pick([1, 1, 2, 1000, 50_000]))));
  const way = random.below(20);
  if (way < 10) socket.end();
  else if (way < 18) socket.resetAndDestroy();
  else if (way === 18) {
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(2 ** 22)));
    };
    socket.on("drain", more);
    more();
  }
}

export const kind: Kind = {
  name: "remote caches",
  what: "servers that say they are Redis or HTTP: other protocols, huge lengths, endless answers, silence",
  count: 250,
  // The product gives up after ten seconds, and says so.
  limit: 13_000,
  async run({ random }) {
    const [scheme, sentences] = random.pick([["redis", redis] as const, ["http", http] as const]);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", () => lie(random, socket, sentences));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const warnings: string[] = [];
    const call = { onWarning: (warning: string) => warnings.push(warning), signal: new AbortController().signal };
    try {
      const remote = remoteOf(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await remote.get("a".repeat(64), () => undefined, call);
      await remote.put("a".repeat(64), () => new Uint8Array(100), call);
      if (warnings.length > 2) throw new Error(`${warnings.length} warnings: ${warnings}`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      if (warnings.some((warning) => /[\x00-\x1f\x7f-\x9f]/.test(warning)))
        throw new Error("a control reached a terminal");
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  },
};
