import type { Plugin } from "vite";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for Vite: client and server builds, and both in development. See {@link Options}. */
export default paw.vite as (options?: Options) => Plugin;
