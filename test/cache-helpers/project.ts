import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatDiagnostic, readSpec, type Spec } from "@unplugin-paw/spec";

const bin = fileURLToPath(new URL("../../packages/cli/bin/paw.js", import.meta.url));
const runtime = fileURLToPath(new URL("../../packages/runtime", import.meta.url));

/** Without examples there is nothing to search: such a spec compiles in about a second. */
export const mood = (more = ""): string => `---
returns: [good, bad]
---
Is the mood of the text good or bad?${more}

## Tests
- A lovely day => good
- An awful day => bad
`;

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder with specs, in which `paw` can be called. */
export interface Project {
  folder: string;
  write(path: string, content: string | Uint8Array): void;
  read(path: string): Buffer;
  /** Paths of all files, sorted. */
  files(path?: string): string[];
  spec(path: string): Spec;
  /** Puts the runtime where Vite, whose root is the folder, looks for it. */
  linkRuntime(): void;
  /** @param under a command that runs it, with its arguments */
  paw(args: string[], env?: NodeJS.ProcessEnv, under?: readonly string[]): Promise<Result>;
}

/**
 * What a command runs under, so that a folder that may not be written is not: root writes where it wants, without this
 * one right.
 */
export const withoutRoot: readonly string[] =
  process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] : [];

const folders: string[] = [];

export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), "paw-cache-"));
  folders.push(folder);
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  // The cache of a package is beside its package.json.
  write("package.json", "{}");
  return {
    folder,
    write,
    read: (path) => readFileSync(join(folder, path)),
    files(path = ".") {
      const items = readdirSync(join(folder, path), { recursive: true, withFileTypes: true });
      const prefix = join(folder, path).length + 1;
      return items
        .filter((item) => item.isFile())
        .map((item) => join(item.parentPath, item.name).slice(prefix))
        .sort();
    },
    spec(path) {
      const { spec, diagnostics } = readSpec(join(folder, path));
      if (!spec) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
      return spec;
    },
    linkRuntime() {
      mkdirSync(join(folder, "node_modules/@unplugin-paw"), { recursive: true });
      symlinkSync(runtime, join(folder, "node_modules/@unplugin-paw/runtime"));
    },
    paw: (args, env = {}, under = []) => paw(folder, args, env, under),
  };
}

/** Removes all that were created here. */
export function removeProjects(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function paw(cwd: string, args: string[], env: NodeJS.ProcessEnv, under: readonly string[]): Promise<Result> {
  const { PAW_REMOTE: _, ...inherited } = process.env;
  const [command, ...rest] = [...under, process.execPath, bin, ...args] as [string, ...string[]];
  const child = spawn(command, rest, { cwd, env: { ...inherited, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}
