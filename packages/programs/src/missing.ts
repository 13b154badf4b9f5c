import { relative } from "node:path";
import type { Spec } from "@unplugin-paw/spec";
import type { Manifest } from "./entry.ts";
import { DamagedEntry, MissingProgram } from "./errors.ts";
import { type CachedEntry, defaultCache, entryFolder, readEntry, readManifests } from "./folder.ts";
import { type Origin, programKey } from "./origin.ts";

/** Where a frozen compile looks. */
export interface FrozenOptions {
  cache: string | false;
  gguf?: string;
}

/**
 * The program as it lies in the cache. Like a lockfile that does not match, one that is missing is an error, which says
 * why it is, as far as the other entries tell.
 *
 * @throws {MissingProgram}
 */
export async function takeFrozen(spec: Spec, origin: Origin, { cache, gguf }: FrozenOptions): Promise<CachedEntry> {
  if (cache === false) {
    throw new MissingProgram(
      "MISSING",
      "A frozen build takes its programs from a cache, and there is none.",
      "Give `cache` a folder, or do not set `frozen`.",
    );
  }
  const command = compileCommand(spec, origin, cache, gguf);
  let entry: CachedEntry | undefined;
  try {
    entry = readEntry(cache, origin, spec);
  } catch (error) {
    if (!(error instanceof DamagedEntry)) throw error;
    const folder = shown(entryFolder(cache, origin));
    const hint = `${error.hint}${error.hint && " "}Restore the folder from where it came, or remove it and run \`${command}\`.`;
    throw new MissingProgram("DAMAGED", `${folder} is damaged, and this build is frozen: ${error.message}.`, hint);
  }
  if (entry) return entry;
  const keep = cache === defaultCache(process.cwd()) ? "before the build" : "and commit the folder";
  const why = whyMissing(origin, cache, await readManifests(cache));
  throw new MissingProgram(
    "MISSING",
    `${shown(cache)} has no program of this spec, and this build is frozen. ${why}`,
    `Run \`${command}\` ${keep}.`,
  );
}

/**
 * The interpreter of the one entry that is of this origin but for its interpreter: so a GGUF of the user's need not be
 * there for a program to be found that was compiled with it.
 */
export async function interpreterOfEntry(
  origin: Omit<Origin, "interpreter">,
  cache: string | false,
): Promise<Origin["interpreter"] | undefined> {
  if (cache === false) return undefined;
  const fitting = (await readManifests(cache)).filter(({ manifest: { interpreter, key } }) => {
    return programKey({ ...origin, interpreter }) === key;
  });
  return fitting.length === 1 ? fitting[0]?.manifest.interpreter : undefined;
}

function whyMissing(origin: Origin, cache: string, entries: { folder: string; manifest: Manifest }[]): string {
  const [nearest] = entries
    .filter(({ manifest: { name } }) => name === origin.name)
    .map(({ folder, manifest }) => ({ folder, differences: differences(origin, manifest) }))
    .sort((a, b) => a.differences.length - b.differences.length);
  if (nearest) {
    const because = nearest.differences.join("; ") || `its place is ${shown(entryFolder(cache, origin))}`;
    return `There is ${shown(nearest.folder)}, but ${because}.`;
  }
  const renamed = entries.find(({ manifest }) => manifest.spec === origin.spec);
  if (renamed) return `There is ${shown(renamed.folder)}: the spec had another name when it was compiled.`;
  return `There is none under the name ${origin.name}.`;
}

function differences(wanted: Origin, found: Origin): string[] {
  const build = ({ interpreter: { id, digest } }: Origin) => `${id} (${digest.slice(0, 12)})`;
  const list: [boolean, string][] = [
    [wanted.spec !== found.spec, "the spec, or a file that it reads, has changed since"],
    [wanted.effort !== found.effort, `its effort is ${found.effort}, not ${wanted.effort}`],
    [wanted.seed !== found.seed, `its seed is ${found.seed}, not ${wanted.seed}`],
    [
      wanted.compiler !== found.compiler || wanted.method !== found.method,
      wanted.compiler === found.compiler
        ? `another build of the compiler ${found.compiler} made it`
        : `version ${found.compiler} of the compiler made it, and this is ${wanted.compiler}`,
    ],
    [
      wanted.interpreter.digest !== found.interpreter.digest,
      `its interpreter is ${build(found)}, not ${build(wanted)}`,
    ],
  ];
  return list.filter(([differs]) => differs).map(([, text]) => text);
}

/** The command that puts the program where it was looked for. */
function compileCommand(spec: Spec, { effort }: Origin, cache: string, gguf: string | undefined): string {
  const quoted = (path: string) => (/^[\p{L}\p{N}._/\\:@+-]+$/u.test(path) ? path : JSON.stringify(path));
  return [
    "paw compile --cache-only",
    ...(effort === "standard" ? [] : [`--effort ${effort}`]),
    ...(cache === defaultCache(process.cwd()) ? [] : [`--cache ${quoted(shown(cache))}`]),
    ...(gguf === undefined ? [] : [`--gguf ${quoted(shown(gguf))}`]),
    quoted(shown(spec.id)),
  ].join(" ");
}

/** Relative to where terminals and commands are. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}
