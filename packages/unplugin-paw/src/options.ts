import { resolve } from "node:path";
import { defaultCache, type Effort } from "@unplugin-paw/compiler";
import { defaultTypes } from "./sidecar.ts";

/** Options of the plugin. Paths are relative to the project's root: Vite's `root`, with Rollup the working folder. */
export interface Options {
  /**
   * Folder of compiled programs, shared by all builds that run here; false compiles every time.
   *
   * @default "node_modules/.cache/unplugin-paw" of the nearest package
   */
  cache?: string | false;
  /**
   * How much the compile of a spec may cost, on two cores: `"draft"` some seconds (a prompt, nothing is trained), `"standard"` about a
   * minute, `"thorough"` some minutes. A program that is in the cache costs nothing; each effort has its own.
   *
   * @default "standard"
   */
  effort?: Effort;
  /**
   * A GGUF file of your own in place of the interpreter's file.
   *
   * @default the file is fetched once per user
   */
  gguf?: string;
  /**
   * Folder of the type declarations, for `rootDirs` in tsconfig.json; false writes none.
   *
   * @default ".paw/types"
   */
  types?: string | false;
}

export interface ResolvedOptions {
  root: string;
  cache: string | false;
  effort: Effort;
  gguf?: string;
  types: string | false;
}

/** Fills in the defaults and makes the paths absolute. */
export function resolveOptions(options: Options, root: string): ResolvedOptions {
  const { cache = defaultCache(root), effort = "standard", gguf, types = defaultTypes } = options;
  return {
    root,
    cache: cache && resolve(root, cache),
    effort,
    types: types && resolve(root, types),
    ...(gguf !== undefined && { gguf: resolve(root, gguf) }),
  };
}
