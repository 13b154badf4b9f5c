import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { promisify, stripVTControlCharacters } from "node:util";

/** Where commands run. */
export interface Place {
  folder: string;
  env: Record<string, string>;
}

/** Runs a command to its end; gives what it prints. */
export async function run(command: string, { folder, env }: Place): Promise<string> {
  const [file, ...args] = command.split(" ") as [string, ...string[]];
  const options = { cwd: folder, env, maxBuffer: 2 ** 26, timeout: 280_000 };
  const { stdout } = await promisify(execFile)(file, args, options).catch((error) => {
    throw new Error(`${command}: ${error.message}\n${plain(error.stdout)}\n${plain(error.stderr)}`);
  });
  return stdout;
}

export interface Served {
  url: string;
  /** What the server has printed. */
  log(): string;
  close(): Promise<void>;
}

/** Starts a server; ready when the path answers, with whatever status. */
export async function start(command: string, path: string, { folder, env }: Place): Promise<Served> {
  const port = String(await freePort());
  const [file, ...args] = command.replaceAll("{port}", port).split(" ") as [string, ...string[]];
  // A group of its own: frameworks start processes, and all of them have to go.
  const child = spawn(file, args, { cwd: folder, env: { ...env, PORT: port }, detached: true, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const log = () => plain(output);
  const served = { url: `http://localhost:${port}`, log, close: () => kill(child) };
  let ended: string | undefined;
  child.on("error", (error) => (ended = error.message));
  child.on("exit", (code, signal) => (ended = `it ended with ${code ?? signal}`));
  const end = Date.now() + 120_000;
  while (ended === undefined && Date.now() < end) {
    const answered = await fetch(served.url + path, { signal: AbortSignal.timeout(60_000) }).then(
      () => true,
      () => false,
    );
    if (answered) return served;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await kill(child);
  throw new Error(`${command}: no answer, ${ended ?? "after two minutes"}\n${log()}`);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone =
    child.exitCode !== null || child.signalCode !== null ? undefined : new Promise((r) => child.on("exit", r));
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // all of the group have ended
  }
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function plain(text: unknown): string {
  return stripVTControlCharacters(String(text ?? ""));
}
