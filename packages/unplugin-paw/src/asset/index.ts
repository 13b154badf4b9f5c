import type { UnpluginContextMeta } from "unplugin";
import { esbuildHost } from "./esbuild.ts";
import { farmHost } from "./farm.ts";
import type { HostMaker } from "./host.ts";
import { nodeHost } from "./node.ts";
import { rolldownHost } from "./rolldown.ts";
import { rollupHost } from "./rollup.ts";
import { viteHost } from "./vite.ts";
import { webpackHost } from "./webpack.ts";

/** What the plugin knows to load specs; the others are refused. */
export const hosts: Partial<Record<UnpluginContextMeta["framework"], HostMaker>> = {
  vite: viteHost,
  rollup: rollupHost,
  rolldown: rolldownHost,
  webpack: webpackHost,
  rspack: webpackHost,
  esbuild: esbuildHost,
  farm: farmHost,
  unloader: nodeHost, // unplugin's name for Node's own loader
};
