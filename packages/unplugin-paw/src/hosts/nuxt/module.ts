import { relative, resolve } from "node:path";
import { declarationsBehind, defaultTypes } from "@unplugin-paw/spec/sidecar";
import { fileOf, SPEC } from "../../ids.ts";
import paw from "../../index.ts";
import { type Options as AllOptions, checkOptions } from "../../options.ts";
import { edgeReport } from "../../reports.ts";
import { isEdgeResolver } from "../host.ts";

/**
 * The plugin's options, all but `inline`: a server has programs in its code here. Paths are relative to Nuxt's
 * `rootDir`.
 */
export type Options = Omit<AllOptions, "inline" | "root">;

/** The parts of Nuxt that are used here: its own types come with Nuxt, which only its users have. */
interface Nuxt {
  options: { rootDir: string; buildDir: string; paw?: Options; vite: { plugins?: unknown[] } };
  hook(name: "nitro:config", act: (config: NitroConfig) => void): void;
  hook(name: "nitro:init", act: (nitro: { options: NitroOptions }) => void): void;
  hook(name: "prepare:types", act: (types: Record<string, unknown>) => void): void;
}

type Plugin = { name: string; load: { filter: unknown; handler(this: Context, id: string): unknown } };
type Context = { error(report: object): never };
interface NitroConfig {
  rollupConfig?: { plugins?: unknown };
  externals?: { traceInclude?: string[]; external?: unknown[] };
  typescript?: { tsConfig?: TsConfig };
}
/** What the preset is for is known once Nitro has resolved it. */
type NitroOptions = { preset?: string; node?: boolean; exportConditions?: string[] };
interface TsConfig {
  compilerOptions?: { [key: string]: unknown; rootDirs?: string[]; paths?: Record<string, string[]> };
}

type Module = typeof setUp & { getMeta(): Promise<{ name: string; configKey: string }> };

/**
 * `.paw` files for Nuxt: in pages and components, on the server and in the browser, and in Nitro's `server/`. Options
 * stand under the key `paw`.
 *
 * @throws {Error} an option is wrong
 * @example
 * // nuxt.config.ts
 * export default defineNuxtConfig({ modules: ["unplugin-paw/nuxt"] });
 */
const nuxtModule: Module = Object.assign(setUp, {
  // By this Nuxt knows the type of the key.
  getMeta: async () => ({ name: "unplugin-paw", configKey: "paw" }),
});
export default nuxtModule;

function setUp(given: Options | undefined, nuxt: Nuxt): void {
  const { rootDir } = nuxt.options;
  const options: AllOptions = { ...nuxt.options.paw, ...given, root: rootDir };
  checkOptions(options);

  nuxt.options.vite.plugins = [...(nuxt.options.vite.plugins ?? []), paw.vite(options)];

  let runsOnEdge = false;
  nuxt.hook("nitro:init", ({ options }) => {
    runsOnEdge = isEdge(options);
  });
  nuxt.hook("nitro:config", (config) => {
    const plugin = forNitro({ ...options, inline: true }, () => runsOnEdge);
    config.rollupConfig = { ...config.rollupConfig, plugins: [config.rollupConfig?.plugins, plugin] };
    config.typescript ??= {};
    config.typescript.tsConfig ??= {};
    addTypes(config.typescript.tsConfig, nuxt, options);
  });
  nuxt.hook("prepare:types", (types) => {
    const configs = ["tsConfig", "nodeTsConfig", "sharedTsConfig", "legacyTsConfig"].map((name) => types[name]);
    for (const config of configs) if (config) addTypes(config as TsConfig, nuxt, options);
  });
}

/** The plugin for the bundler of Nitro, which itself copies packages into the output that are not bundled. */
function forNitro(options: AllOptions, runsOnEdge: () => boolean): object {
  const { name, load } = paw.rollup(options) as unknown as Plugin;
  const { filter, handler } = load;
  return {
    name,
    load: {
      filter,
      handler(this: Context, id: string) {
        if (SPEC.test(id) && runsOnEdge()) this.error(edgeReport(fileOf(id)));
        return handler.call(this, id);
      },
    },
  };
}

function isEdge({ node, exportConditions = [] }: NitroOptions): boolean {
  return node === false || isEdgeResolver(exportConditions);
}

/**
 * The declarations are found beside the specs, and for aliases such as `~/`. Nuxt's own tsconfig files lie in
 * `buildDir`.
 */
function addTypes(config: TsConfig, { options: { rootDir, buildDir } }: Nuxt, { types }: AllOptions): void {
  if (types === false || types === "beside") return;
  const folder = resolve(rootDir, types ?? defaultTypes);
  const fromBuild = (path: string) => {
    const way = relative(buildDir, path).replaceAll("\\", "/");
    return way.startsWith("../") ? way : `./${way}`;
  };
  config.compilerOptions ??= {};
  const { compilerOptions } = config;
  compilerOptions.allowArbitraryExtensions = true;
  compilerOptions.rootDirs = [
    ...new Set([...(compilerOptions.rootDirs ?? [".."]), fromBuild(rootDir), fromBuild(folder)]),
  ];
  for (const [alias, targets] of Object.entries(compilerOptions.paths ?? {})) {
    if (!alias.endsWith("/*")) continue;
    const own = targets.flatMap((target) => {
      const place = declarationsBehind(resolve(buildDir, target), { root: rootDir, types: folder });
      return place === undefined ? [] : [fromBuild(place)];
    });
    targets.push(...own.filter((target) => !targets.includes(target)));
  }
}
