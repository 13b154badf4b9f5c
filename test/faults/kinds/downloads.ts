import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fetchHttp } from "../../../packages/interpreter/src/fetch-http.ts";
import { SourceError } from "../../../packages/interpreter/src/source.ts";
import type { Kind } from "../kind.ts";
import { mutateBytes, type Random } from "../random.ts";

const content = Buffer.concat(Array.from({ length: 4096 }, (_, i) => createHash("sha256").update(`${i}`).digest()));
const sha256 = createHash("sha256").update(content).digest("hex");
/** Instead of half a minute. */
const quietMs = 200;

function answer(random: Random, range: string | undefined, response: ServerResponse): unknown {
  const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
  const rest = content.subarray(from);
  const head = {
    "content-length": rest.length,
    ...(from && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
  };
  const status = from ? 206 : 200;
  switch (random.below(8)) {
    case 0:
    case 1:
      return response.writeHead(status, head).end(rest);
    case 2:
      return response.writeHead(random.pick([200, 206, 302, 404, 416, 500, 503])).end("no");
    case 3:
      return response
        .writeHead(status, head)
        .write(rest.subarray(0, random.below(rest.length)), () => response.destroy());
    case 4:
      return response.writeHead(status, { ...head, "content-range": "bytes 5-4/3" }).end(rest);
    case 5:
      return response.writeHead(status).end(Buffer.concat([rest, rest]));
    case 6: {
      response.writeHead(status, head);
      const timer = setInterval(() => response.write("x"), 20);
      return response.on("close", () => clearInterval(timer));
    }
    default:
      return random.next() < 0.5 ? undefined : void response.socket?.destroy();
  }
}

export const kind: Kind = {
  name: "downloads",
  what: "servers that cut, stall, trickle, lie about lengths and ranges; what an earlier run left, altered",
  count: 400,
  async run({ random, folder }) {
    const server = createServer((request, response) => answer(random, request.headers.range, response)).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const partial = join(folder, "x.partial");
    if (random.next() < 0.4)
      writeFileSync(partial, mutateBytes(random, content.subarray(0, random.below(content.length))));
    const job = {
      file: { name: "x", bytes: content.length, sha256 },
      partial,
      onProgress: () => {},
      signal: new AbortController().signal,
    };
    try {
      const digest = await fetchHttp(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, job, quietMs);
      if (digest === sha256 && !readFileSync(partial).equals(content)) throw new Error("a right digest of wrong bytes");
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
    } finally {
      server.closeAllConnections();
      server.close();
    }
    if (existsSync(partial) && readFileSync(partial).length > 2 * content.length) throw new Error("kept too much");
  },
};
