import type { RspackPluginInstance } from "@rspack/core";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for Rspack: builds for browsers, and for Node as ES modules and CommonJS. See {@link Options}. */
export default paw.rspack as (options?: Options) => RspackPluginInstance;
