import type { Plugin } from "vite";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for Vite: server builds, and server code in development. See {@link Options}. */
export default paw.vite as (options?: Options) => Plugin;
