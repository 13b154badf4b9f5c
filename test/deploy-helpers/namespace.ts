import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A network of its own, which leads nowhere, with a name server that knows nothing. */
export interface Namespace {
  /** Starts a command there; it gets these variables of the environment and no others. */
  start(command: readonly string[], env?: NodeJS.ProcessEnv): Running;
  /** Runs a command there; gives what it prints. */
  run(...command: string[]): string;
  /** The names that the name server was asked for. */
  asked(): string[];
  remove(): void;
}

export interface Running {
  child: ChildProcess;
  /** What it has printed. */
  output(): string;
  /** Settles when it has printed a text; rejects when it ends before. */
  printed(text: string): Promise<void>;
}

/** Whether this machine lets us make namespaces; says so loudly where it does not. */
export const hasNamespaces: boolean = (() => {
  const name = `paw-try-${process.pid}`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "pipe" });
    try {
      const mount = "mount -o remount,bind,ro / && setpriv --reuid 12345 --regid 12345 --clear-groups true";
      execFileSync("ip", ["netns", "exec", name, "sh", "-c", mount], { stdio: "pipe" });
    } finally {
      execFileSync("ip", ["netns", "delete", name]);
    }
    return true;
  } catch {
    console.warn(
      "\n  NOT TESTED: a container's layout, and that no name is looked up. It takes root, `ip netns` and `setpriv` (Debian: apt-get install iproute2).\n",
    );
    return false;
  }
})();

export async function createNamespace(label: string): Promise<Namespace> {
  const name = `paw-${label}-${process.pid}`;
  const etc = `/etc/netns/${name}`;
  const children: ChildProcess[] = [];
  const within = ["ip", "netns", "exec", name];
  const start: Namespace["start"] = (command, env = {}) => {
    const [program, ...args] = [
      ...within,
      "env",
      "-i",
      ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
    ];
    const child = spawn(program as string, [...args, ...command], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    return running(child);
  };
  execFileSync("ip", ["netns", "add", name]);
  execFileSync(within[0] as string, [...within.slice(1), "ip", "link", "set", "lo", "up"]);
  mkdirSync(etc, { recursive: true });
  writeFileSync(`${etc}/resolv.conf`, "nameserver 127.0.0.1\n");
  const resolver = start([process.execPath, fileURLToPath(new URL("./resolver.js", import.meta.url))]);
  await resolver.printed("ready");
  return {
    start,
    run: (...command) => execFileSync("ip", [...within.slice(1), ...command], { encoding: "utf8" }),
    asked: () => resolver.output().trim().split("\n").slice(1),
    remove() {
      for (const child of children) child.kill("SIGKILL");
      execFileSync("ip", ["netns", "delete", name]);
      rmSync(etc, { recursive: true, force: true });
    },
  };
}

function running(child: ChildProcess): Running {
  let output = "";
  const listeners = new Set<() => void>();
  const heard = (text: string) => {
    output += text;
    for (const listener of listeners) listener();
  };
  child.stdout?.setEncoding("utf8").on("data", heard);
  child.stderr?.setEncoding("utf8").on("data", heard);
  let ended = false;
  child.on("close", () => {
    ended = true;
    heard("");
  });
  return {
    child,
    output: () => output,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve();
          else if (ended) reject(new Error(`it ended without printing "${text}":\n${output}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
  };
}
