import type { UnpluginContextMeta } from "unplugin";
import { esbuildHost } from "./esbuild/host.ts";
import { farmHost } from "./farm/host.ts";
import type { HostMaker, HostSetup, HostWithHooks } from "./host.ts";
import { rolldownHost } from "./rolldown/host.ts";
import { rollupHost } from "./rollup/host.ts";
import { viteHost } from "./vite/host.ts";
import { webpackHost } from "./webpack/host.ts";

type Bundler = UnpluginContextMeta["framework"];

// (Next.js' loaders for Turbopack and Node's own module hooks load specs without unplugin: `next/loader.ts`,
// `node/loader.ts`.)
const hosts: Partial<Record<Bundler, HostMaker>> = {
  vite: viteHost,
  rollup: rollupHost,
  rolldown: rolldownHost,
  webpack: webpackHost,
  rspack: webpackHost,
  esbuild: esbuildHost,
  farm: farmHost,
};

/**
 * The host for a bundler, with its own hooks.
 *
 * @throws {Error} there is none for it
 */
export function hostFor(bundler: Bundler, setup: HostSetup): HostWithHooks {
  const make = hosts[bundler];
  if (make) return make(setup);
  throw new Error(
    `unplugin-paw: this version has no plugin for ${bundler}; it has for ${Object.keys(hosts).join(", ")}.`,
  );
}
