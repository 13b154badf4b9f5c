import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import type { Compiled } from "@unplugin-paw/compiler";
import type { UnpluginBuildContext, UnpluginContext } from "unplugin";
import type { Development } from "../development/development.ts";
import type { Options } from "../options.ts";
import type { Report } from "../reports.ts";

/** The `this` of a load hook. */
export type LoadContext = UnpluginBuildContext & UnpluginContext;

/** A file that a browser will fetch. */
export interface Asset {
  /** File name, before the bundler adds its hash. */
  name: string;
  /** Path of the file on disk, or its bytes. */
  source: string | Uint8Array;
  /** The bytes of a file on disk, where they have been verified. */
  readonly bytes?: Uint8Array;
}

/** What differs between bundlers: where the project is, where messages go, and how a program becomes an asset. */
export interface Host {
  /** The project's root, an absolute path; known once the build has started. */
  root(): string;
  /** Whether modules are watched without being added; some bundlers watch only the files that they read themselves. */
  watchesModules(context: LoadContext): boolean;
  /** One line for the user. */
  info(context: LoadContext, message: string): void;
  /** A warning, which ends nothing. */
  warn(context: LoadContext, report: Report): void;
  /**
   * The error that ends a load. Rollup and its kin throw it; others note it and go on, with a module that stands for
   * the failed one.
   */
  error(context: LoadContext, report: Report): void;
  /** True where the user asked for silence: progress is not shown then. */
  quiet(): boolean;
  /**
   * Whether a module will run at the edge (Workers and the like), where no program can. Absent where the bundler does
   * not know.
   */
  isEdge?(context: LoadContext): boolean;
  /** Whether a module will run in a browser; otherwise it runs in Node. */
  isClient(context: LoadContext, id: string): boolean | Promise<boolean>;
  /** Whether Node runs the modules for it where they lie; they are bundled otherwise. */
  runsInPlace?(context: LoadContext): boolean;
  /**
   * For Node: makes the program part of the output.
   *
   * @param id the module's id
   * @param name the asset's file name, before the bundler adds its hash
   * @returns a JavaScript expression, evaluated by the first call, that is the program's `URL`, or its bytes
   */
  weights(context: LoadContext, id: string, name: string, compiled: Compiled): string;
  /**
   * For Node: whether the output may be bundled again or moved, so that a program would not be found beside the code
   * and has to be in it. Absent where the output runs as it was written, as far as the bundler knows.
   */
  movesOutput?(context: LoadContext): boolean;
  /**
   * For browsers: makes a file part of the output.
   *
   * @param id id of the module that names the file
   * @returns a JavaScript expression without side effects that is the file's URL, as a string or a `URL`
   */
  url(context: LoadContext, id: string, asset: Asset): Promise<string>;
  /**
   * After a build: the folder of an output that runs in Node, undefined for any other.
   *
   * @param written what the bundler says about the output
   * @param loaded whether a spec was loaded for Node
   */
  output?(context: unknown, written: unknown, loaded: boolean): string | undefined;
  /**
   * For browsers: where a spec's module says what it knows of the interpreter's files. A module of its own, which all
   * specs share, is loaded by the plugin; where nobody would ask for that, each has it inline.
   *
   * @default "module"
   */
  interpreter?: "module" | "inline";
  /** Import statements that the expressions of a module need. */
  imports?(context: LoadContext): string;
  /** After a load that ended with an error or a draft: a bundler's own cache must not keep what came of it. */
  forget?(context: LoadContext): void;
  /** Fails the load in time, where the bundler does not wait as long as a compile may take. */
  hurry?<T>(id: string, compiling: Promise<T>): Promise<T>;
  /** For developers who edit. Absent where every load waits for the trained program. */
  drafts?: Drafting;
}

/** How a bundler takes a draft now, and the trained program when it is there. */
export interface Drafting {
  development: Development;
  /** Whether a load is for a developer who edits. */
  wanted(context: LoadContext): boolean;
  /** The expression that tells a module when it is replaced, such as `import.meta.hot`. */
  hot: string;
}

/** What a host may need to know. */
export interface HostSetup {
  /** The user's options, as they were given. */
  given: Options;
  /** Makes the plugin once more. */
  again: () => unknown;
}

/**
 * A bundler's host, and the hooks that it needs beside the shared ones: what unplugin takes under the bundler's name.
 */
export interface HostWithHooks<Hooks = unknown> {
  host: Host;
  hooks: Hooks;
}

export type HostMaker = (setup: HostSetup) => HostWithHooks;

/** An asset's bytes, read where they have not been. */
export async function bytesOf({ source, bytes }: Pick<Asset, "source" | "bytes">): Promise<Uint8Array> {
  return bytes ?? (typeof source === "string" ? await readFile(source) : source);
}

/**
 * For Node: an expression that is the program itself, in place of a file. (On a line of its own, for those who read a
 * stack trace.)
 */
export function inlined(weights: Uint8Array): string {
  return `Buffer.from(\n"${Buffer.from(weights).toString("base64")}",\n"base64")`;
}

/** What generated code imports. */
export const RUNTIME = "@unplugin-paw/runtime";

/** The runtime's entry under the condition `browser`. */
export const BROWSER_RUNTIME: RegExp = /[\\/]browser\.[jt]s$/;

/** Never bundled for Node: native code, and what must be there once in a process. */
export const EXTERNAL: readonly string[] = [RUNTIME, "onnxruntime-node"];

/** Conditions of package.json's `exports` that only resolvers for the edge have. */
const EDGE: readonly string[] = ["edge-light", "workerd"];

export function isEdgeResolver(conditions: readonly string[] = []): boolean {
  return conditions.some((name) => EDGE.includes(name));
}
