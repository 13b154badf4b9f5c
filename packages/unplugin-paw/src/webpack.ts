import type { WebpackPluginInstance } from "webpack";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for webpack: builds for browsers, and for Node as ES modules and CommonJS. See {@link Options}. */
export default paw.webpack as (options?: Options) => WebpackPluginInstance;
