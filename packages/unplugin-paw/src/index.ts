import { createUnplugin, type UnpluginInstance } from "unplugin";
import type { Options } from "./options.ts";
import { factory } from "./plugin.ts";

export type { Options } from "./options.ts";

/**
 * The plugin for every bundler that it supports; `unplugin-paw/vite`, `unplugin-paw/webpack` and so on are shorter.
 *
 * @example
 * import paw from "unplugin-paw";
 * export default { plugins: [paw.rollup()] };
 */
const paw: UnpluginInstance<Options | undefined, false> = createUnplugin(factory);
export default paw;
