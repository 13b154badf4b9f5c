import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStorage, type Storage } from "unstorage";
import { createStorageServer } from "unstorage/server";

export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

/** Whether Debian's redis-server is there; says so loudly where it is not. */
export const hasRedis: boolean = (() => {
  try {
    execFileSync("redis-server", ["--version"]);
    return true;
  } catch {
    console.warn(
      "\n  NOT TESTED: the remote cache in Redis. There is no redis-server here (apt-get install redis-server).\n",
    );
    return false;
  }
})();

/** A Redis server of its own, empty, that keeps nothing. */
export async function startRedis(
  ...settings: string[]
): Promise<TestServer & { cli(...words: string[]): string; set(key: string, value: string): void }> {
  const folder = mkdtempSync(join(tmpdir(), "paw-redis-"));
  const port = await freePort();
  const base = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const child = spawn("redis-server", [...base, ...settings], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  while (!output.includes("Ready to accept connections")) {
    if (child.exitCode !== null) throw new Error(`redis-server ended:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    cli: (...words) => execFileSync("redis-cli", ["-p", `${port}`, ...words], { encoding: "utf8" }).trim(),
    set: (key, value) => void execFileSync("redis-cli", ["-p", `${port}`, "-x", "set", key], { input: value }),
    async stop() {
      await kill(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}

/** unstorage's own HTTP server, with what it was asked: `GET <key>`. */
export async function startStorageServer(
  storage: Storage = createStorage(),
): Promise<TestServer & { asked: string[]; storage: Storage }> {
  const { handle } = createStorageServer(storage);
  const asked: string[] = [];
  const server = await startHttp((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    handle(request, response);
  });
  return { ...server, asked, storage };
}

export async function startHttp(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener);
  return await listen(server, "http", () => server.closeAllConnections());
}

/** Takes connections and never says a word. */
export async function startMute(scheme: string): Promise<TestServer> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    sockets.add(socket);
  });
  return await listen(server, scheme, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listen(server: Server, scheme: string, closeConnections: () => void): Promise<TestServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      closeConnections();
      await closed;
    },
  };
}

/** A port where nobody listens. */
export async function freePort(): Promise<number> {
  const server = await listen(createTcpServer(), "tcp", () => {});
  await server.stop();
  return Number(new URL(server.url).port);
}
