import type { JsPlugin } from "@farmfe/core";
import paw, { type Options } from "./index.ts";

export type { Options };
/** The plugin for Farm: builds for browsers and for Node. See {@link Options}. */
export default paw.farm as (options?: Options) => JsPlugin;
