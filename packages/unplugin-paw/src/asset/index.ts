import type { UnpluginContextMeta } from "unplugin";
import type { HostMaker } from "./host.ts";
import { rollupHost } from "./rollup.ts";
import { viteHost } from "./vite.ts";

/** The bundlers that the plugin knows; the others are refused. */
export const hosts: Partial<Record<UnpluginContextMeta["framework"], HostMaker>> = {
  vite: viteHost,
  rollup: rollupHost,
};
