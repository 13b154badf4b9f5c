import type { Plugin } from "rollup";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for Rollup: builds for browsers, and for Node as ES modules and CommonJS. See {@link Options}. */
export default paw.rollup as (options?: Options) => Plugin;
