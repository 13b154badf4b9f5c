import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { InterpreterError } from "./errors.ts";

/** Name of the folder beside a server's output that is built as {@link pawHome} is. */
export const BESIDE = "paw";

/** The command that fills a folder, for messages. */
export const fetchCommand = (to: string): string => `npx @unplugin-paw/cli fetch --to ${to}`;

/**
 * The folder for all that is fetched or made once per user: `PAW_HOME`, or the platform's cache folder.
 *
 * @throws {InterpreterError} `STORE_UNWRITABLE`: `PAW_HOME` is not set, and the process's user has no home folder
 * @example
 * pawHome(); // on Linux: ~/.cache/unplugin-paw
 */
export function pawHome(): string {
  const { PAW_HOME, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (PAW_HOME) return resolve(PAW_HOME);
  // (The library for this asks for the home folder when it is imported, and a container's user may have none.)
  const name = "unplugin-paw";
  if (process.platform === "win32") {
    return resolve(LOCALAPPDATA || join(userHome(), "AppData", "Local"), name, "Cache");
  }
  if (process.platform === "darwin") return resolve(userHome(), "Library", "Caches", name);
  return resolve(XDG_CACHE_HOME || join(userHome(), ".cache"), name);
}

function userHome(): string {
  try {
    const home = homedir();
    if (home) return home;
  } catch {}
  throw new InterpreterError(
    "STORE_UNWRITABLE",
    "There is no place for the interpreter: the user of this process has no home folder.",
    `Set PAW_HOME to a folder that has the interpreter. To fill one: ${fetchCommand("FOLDER")}`,
  );
}

/**
 * The folders that may have an interpreter, the likeliest first: `PAW_HOME`; a folder `paw` beside the program, the
 * main script, an Electron app's resources or the working folder, or beside a folder above one of them, as Node looks
 * for `node_modules`; the user's own.
 *
 * @param program path of the program's file
 */
export function homes(program?: string): string[] {
  const { resourcesPath } = process as { resourcesPath?: string };
  const starts = [
    program && dirname(program),
    process.argv[1] && dirname(process.argv[1]),
    resourcesPath,
    process.cwd(),
  ];
  const beside = starts
    .flatMap((start) => (start ? upwards(resolve(start)) : []))
    .map((folder) => join(folder, BESIDE));
  if (process.env.PAW_HOME) return [...new Set([pawHome(), ...beside])];
  try {
    return [...new Set([...beside, pawHome()])];
  } catch {
    return [...new Set(beside)];
  }
}

/** A folder and all that it lies in. */
function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
