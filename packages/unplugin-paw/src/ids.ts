import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Matches the ids of specs, with a query or without. */
export const SPEC: RegExp = /\.paw(\?|$)/;

/** A module's id without its query. */
export function fileOf(id: string): string {
  return id.replace(/\?.*$/s, "");
}

/** Which interpreter a program needs. */
export interface InterpreterName {
  id: string;
  digest: string;
}

// (The package finds itself, so that sources and their build may lie in different folders.)
const OWN_FOLDER = dirname(createRequire(import.meta.url).resolve("unplugin-paw/package.json"));
const FILE = join(OWN_FOLDER, "interpreter.js").replaceAll("\\", "/");

/**
 * Matches the ids of the modules that say where an interpreter's files are; webpack's rules see them without their
 * query.
 */
export const INTERPRETER: RegExp = new RegExp(
  `^${FILE.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("/", "[\\\\/]")}(\\?|$)`,
);

/** Id of the module that tells client code where an interpreter's files are. */
export function interpreterModule({ id, digest }: InterpreterName): string {
  return `${FILE}?paw-interpreter=${encodeURIComponent(id)}&digest=${digest}`;
}

/** The interpreter whose module has this id; undefined for any other module. */
export function interpreterOf(moduleId: string): InterpreterName | undefined {
  const [path = "", query] = moduleId.split("?", 2);
  if (query === undefined || !path.endsWith("/interpreter.js")) return undefined;
  const parameters = new URLSearchParams(query);
  const id = parameters.get("paw-interpreter");
  return id === null ? undefined : { id, digest: parameters.get("digest") ?? "" };
}

/** Matches the ids under which a bundler of declarations (tsdown's) sees those of a spec; there is no such file. */
export const DECLARATIONS: RegExp = /\.paw\.d\.ts$/;

const DECLARATION_FILE = /\.d\.[cm]?ts$/;

/** The id for what a declaration file imports, where that is a spec. */
export function declarationsOf(id: string, importer: string | undefined): string | undefined {
  return importer && DECLARATION_FILE.test(importer) && SPEC.test(id) ? `${fileOf(id)}.d.ts` : undefined;
}
