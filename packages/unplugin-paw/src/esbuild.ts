import type { Plugin } from "esbuild";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for esbuild: builds for browsers, and for Node as ES modules and CommonJS. See {@link Options}. */
export default paw.esbuild as (options?: Options) => Plugin;
