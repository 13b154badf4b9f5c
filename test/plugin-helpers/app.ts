import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Options } from "unplugin-paw";

const fixture = fileURLToPath(new URL("../../fixtures/app", import.meta.url));

/** A folder inside the workspace, so that what is built there finds the workspace's packages. */
export const temporary: string = fileURLToPath(new URL(`../.tmp-plugin-${process.pid}`, import.meta.url));

/** Programs that the tests share. */
export const cache: string = join(temporary, "cache");

/** A copy of the fixture app that a test may change. */
export async function copyApp(name: string): Promise<string> {
  const folder = join(temporary, name);
  await mkdir(temporary, { recursive: true });
  await cp(fixture, folder, { recursive: true });
  return folder;
}

export async function removeApps(): Promise<void> {
  await rm(temporary, { recursive: true, force: true });
}

/** Runs a built file with plain node from a folder that has nothing to do with it; gives the JSON that it prints. */
export async function run<T>(file: string): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: tmpdir() });
  return JSON.parse(stdout) as T;
}

/** All files below a folder, as paths relative to it. */
export async function files(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).map((path) => path.replaceAll("\\", "/")).sort();
}

/** What the commands of `dev-server.js` answer. */
export interface Answers {
  call: { meta: { name: string; tests: { total: number } }; answer: string };
  serverCode: { code: string };
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
