import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Options } from "unplugin-paw";
import { appsOf } from "../apps.ts";
import type { Answers as WebAnswers } from "../web/app.ts";

const apps = appsOf("app");
export const temporary: string = apps.temporary;
export const cache: string = apps.cache;
export const copyApp: (name: string) => Promise<string> = apps.copyApp;
export const removeApps: () => Promise<void> = apps.removeApps;

/** Runs a built file with plain node from a folder that has nothing to do with it; gives the JSON that it prints. */
export async function run<T>(file: string): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: tmpdir() });
  return JSON.parse(stdout) as T;
}

/** What the commands of `dev-server.js` answer. */
export interface Answers {
  call: { meta: { name: string; tests: { total: number } }; answer: string };
  serverCode: { code: string };
  answers: WebAnswers;
}

export interface DevServer {
  /** Rejects with the error's message, id, loc, frame and plugin. */
  ask<C extends keyof Answers>(command: C, ...args: string[]): Promise<Answers[C]>;
  close(): void;
}

/** Starts a Vite dev server for an app; one question at a time. */
export async function devServer(root: string, options: Options): Promise<DevServer> {
  const script = fileURLToPath(new URL("./dev-server.js", import.meta.url));
  const child = fork(script, [root, JSON.stringify(options)], { execArgv: [] });
  const answer = async () => {
    const [{ result, error }] = await once(child, "message");
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  };
  await answer();
  return {
    ask: async (...command) => {
      child.send(command);
      return await answer();
    },
    close: () => child.kill(),
  };
}
