import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { decodeProgram } from "@unplugin-paw/program";
import type { Options } from "unplugin-paw";
import { expect, vi } from "vitest";

/** What the app's function said. */
export interface Said {
  label: string;
  probabilities: Record<string, number>;
  tests: { passed: number; total: number };
  /** How often the process was asked; of a bundle that runs in one. */
  calls?: number;
}

export interface DevServer {
  url: string;
  /** What it logged, colours removed. */
  lines: string[];
  /** Waits until it has logged a line like this, `times` times in all. */
  logs(pattern: RegExp, times?: number): Promise<void>;
  /** Asks the function in server code; rejects with the message of what went wrong. */
  ask(text: string): Promise<Said>;
  /** The effort of the program that server code gets. */
  effort(): Promise<string>;
  /** Processes that it started and that live. */
  children(): Child[];
  /** Closes the server; its process goes on. */
  close(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export interface Child {
  pid: number;
  priority: number;
}

/**
 * What runs an app: Vite's dev server; a bundler that watches it, and its bundle in Node; a bundler's dev server, and a
 * page.
 */
export type Runner = "vite" | "webpack" | "rspack" | "webpack page" | "rspack page";

/** Starts an app in development. */
export async function devServer(root: string, options: Options, runner: Runner = "vite"): Promise<DevServer> {
  const [bundler, page] = runner.split(" ") as [string, string?];
  const name = page ?? (bundler === "vite" ? "server" : "webpack");
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  // (Without the conditions that vitest gives to its own processes, and without what tells of vitest.)
  const { VITEST: _, NODE_ENV: __, ...env } = process.env;
  const child = fork(script, [root, JSON.stringify(options), bundler], { execArgv: [], env });
  const lines: string[] = [];
  let answered: (answer: { result?: unknown; error?: string }) => void = () => {};
  child.on("message", ({ line, ...answer }: { line?: string }) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    if (line !== undefined) lines.push(line.replace(/\u001b\[\d+m/g, ""));
    else answered(answer);
  });
  child.once("exit", (code) => answered({ error: `the server ended with ${code}\n${lines.join("\n")}` }));
  const answer = async <T>() => {
    const { result, error } = await new Promise<Parameters<typeof answered>[0]>((resolve) => {
      answered = resolve;
    });
    if (error !== undefined) throw new Error(error);
    return result as T;
  };
  const command = async <T>(...command: string[]) => {
    child.send(command);
    return await answer<T>();
  };
  const url = await answer<string>();
  return {
    url,
    lines,
    logs: (pattern, times = 1) =>
      vi.waitFor(
        () => {
          if (lines.filter((line) => pattern.test(line)).length < times) {
            throw new Error(`not logged: ${pattern}\n${lines.join("\n")}`);
          }
        },
        { timeout: 150_000, interval: 50 },
      ),
    ask: (text) => command("ask", text),
    effort: async () => {
      const [path] = (await command<string>("code")).match(/file:[^"]*\.weights/) ?? expect.unreachable();
      return decodeProgram(await readFile(new URL(path))).compiler.effort;
    },
    children: () => childrenOf(child.pid as number),
    close: () => command("close"),
    kill: async (signal = "SIGTERM") => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

function childrenOf(parent: number): Child[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return rows.flatMap((row) => {
    const [pid, ppid] = row.trim().split(/\s+/).map(Number) as [number, number];
    return ppid === parent ? [{ pid, priority: getPriority(pid) }] : [];
  });
}

/** Whether a process runs; one that has ended and that nobody has asked for does not. */
export function isAlive(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}
