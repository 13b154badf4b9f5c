import type { Plugin } from "rolldown";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for Rolldown: builds for browsers, and for Node as ES modules and CommonJS. See {@link Options}. */
export default paw.rolldown as (options?: Options) => Plugin;
