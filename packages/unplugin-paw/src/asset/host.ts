import type { Compiled } from "@unplugin-paw/compiler";
import type { UnpluginBuildContext, UnpluginContext } from "unplugin";

/** The `this` of a load hook. */
export type LoadContext = UnpluginBuildContext & UnpluginContext;

/** What differs between bundlers: where the project is, where messages go, and how a program becomes an asset. */
export interface Host {
  /** The project's root, an absolute path; known once the build has started. */
  root(): string;
  /** Whether modules are watched without more ado; some bundlers watch only the files that they read themselves. */
  watchesModules(context: LoadContext): boolean;
  /** One line for the user. */
  info(context: LoadContext, message: string): void;
  /** True where the user asked for silence: progress is not shown then. */
  quiet(): boolean;
  /** Why programs cannot run where this module will; undefined where they can. */
  refuse(context: LoadContext, id: string): string | undefined;
  /**
   * Makes the program part of the output.
   *
   * @param id the module's id
   * @param name the asset's file name, before the bundler adds its hash
   * @returns a JavaScript expression without side effects that is the program's `URL`, or its bytes
   */
  weights(context: LoadContext, id: string, name: string, compiled: Compiled): string;
}

/** What generated code imports, and what that imports: native code and one model per process, so they are never bundled. */
export const EXTERNAL: readonly string[] = ["@unplugin-paw/runtime", "onnxruntime-node"];
