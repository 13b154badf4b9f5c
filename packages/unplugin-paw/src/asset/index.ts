import type { UnpluginContextMeta } from "unplugin";
import { esbuildHost } from "./esbuild.ts";
import { farmHost } from "./farm.ts";
import type { HostMaker } from "./host.ts";
import { rolldownHost } from "./rolldown.ts";
import { rollupHost } from "./rollup.ts";
import { viteHost } from "./vite.ts";
import { webpackHost } from "./webpack.ts";

/** The bundlers that the plugin knows; the others are refused. */
export const hosts: Partial<Record<UnpluginContextMeta["framework"], HostMaker>> = {
  vite: viteHost,
  rollup: rollupHost,
  rolldown: rolldownHost,
  webpack: webpackHost,
  rspack: webpackHost,
  esbuild: esbuildHost,
  farm: farmHost,
};
