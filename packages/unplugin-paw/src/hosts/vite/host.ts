import { pathToFileURL } from "node:url";
import type { BuildEnvironmentOptions, Environment, Plugin, ResolvedConfig, Rolldown, ViteDevServer } from "vite";
import { Development } from "../../development/development.ts";
import { fileOf, SPEC } from "../../ids.ts";
import {
  type Asset,
  bytesOf,
  EXTERNAL,
  type Host,
  type HostSetup,
  type HostWithHooks,
  inlined,
  isEdgeResolver,
  RUNTIME,
} from "../host.ts";
import { dropUnused } from "../rolldown/host.ts";
import { folderOf, throwing } from "../rollup/host.ts";
import { isVitest3, runsInVitest, vitest, withinMinute } from "../vitest/limits.ts";
import { devAssets } from "./dev-assets.ts";
import { forgetSpecs, reloadSpec } from "./hot.ts";

/**
 * Vite. A build emits assets. Development has none: server code gets the program's path in the cache, a browser gets
 * URLs that the dev server answers.
 */
export function viteHost({ given, again }: HostSetup): HostWithHooks<Partial<Plugin>> {
  let config: ResolvedConfig;
  let server: ViteDevServer | undefined;
  const assets = devAssets();
  const development = new Development({
    reload: (spec) => reloadSpec(server, spec),
    info: (message) => config.logger.info(message, { timestamp: true }),
    warn: (message) => config.logger.warn(message, { timestamp: true }),
    quiet: () => host.quiet(),
  });
  // Reference id of each asset and the module that names it. Environments may share this plugin.
  const emitted = new WeakMap<Environment, Map<string, string>>();

  // A framework's own build is bundled again by many of them (SvelteKit's adapters, Nitro), or run from another place.
  // Only where the user's configuration says itself what to build for Node, the output is what runs.
  let ownEntries = (_environment: string) => false;
  const bundled = ({ config, mode }: Environment) => config.isBundled || mode === "build";
  const emit = (context: unknown, id: string, { name, source }: Asset & { source: Uint8Array }) => {
    const { environment } = native(context);
    const reference = native(context).emitFile({ type: "asset", name, source });
    const own = emitted.get(environment) ?? new Map<string, string>();
    emitted.set(environment, own.set(reference, id));
    return `import.meta.ROLLUP_FILE_URL_${reference}`;
  };

  const host: Host = {
    root: () => config.root,
    // (A dev server would take an added file for an import of the module.)
    watchesModules: (context) => native(context).environment.mode === "dev",
    info: (_context, message) => {
      // (Vitest's logger passes on warnings only.)
      if (vitest(config)) process.stderr.write(`${message}\n`);
      else config.logger.info(message, { timestamp: config.command === "serve" });
    },
    ...throwing,
    quiet: () => config.logLevel !== undefined && config.logLevel !== "info",
    isEdge(context) {
      const { name, config: own } = native(context).environment;
      if (own.consumer !== "server") return false;
      return (name === "ssr" && config.ssr.target === "webworker") || isEdgeResolver(own.resolve.conditions);
    },
    isClient: (context) => native(context).environment.config.consumer === "client" && !runsInVitest(config),
    runsInPlace: (context) => !bundled(native(context).environment),
    movesOutput(context) {
      const { environment } = native(context);
      return bundled(environment) && !ownEntries(environment.name);
    },
    weights(context, id, name, compiled) {
      if (bundled(native(context).environment)) {
        return `new URL(${emit(context, id, { name, source: compiled.weights })})`;
      }
      // A cache that could not be written is no reason to fail.
      if (compiled.path === undefined) return inlined(compiled.weights);
      return `new URL(${JSON.stringify(pathToFileURL(compiled.path).href)})`;
    },
    async url(context, id, asset) {
      const { name, source } = asset;
      const { environment } = native(context);
      // (Without the bytes: a dev server would hold them for ever.)
      if (!bundled(environment)) return JSON.stringify(await assets.url({ name, source }, config));
      return emit(context, id, { name, source: await bytesOf(asset) });
    },
    output(context, written) {
      return native(context).environment.config.consumer === "server" ? folderOf(written) : undefined;
    },
    hurry: (id, compiling) => (isVitest3(config) ? withinMinute(id, compiling) : compiling),
    drafts: {
      development,
      // Tests judge what will be shipped, and where nothing is watched nothing is loaded again.
      wanted(context) {
        const { environment } = native(context);
        const watches = environment.mode === "dev" && config.server.watch !== null && !vitest(config);
        return watches && !bundled(environment);
      },
      hot: "import.meta.hot",
    },
  };

  const hooks: Partial<Plugin> = {
    api: { options: given }, // for `unplugin-paw/vitest`
    // Without this, a worker of the user's that imports a spec is bundled without any plugin.
    config: {
      order: "pre", // before a framework adds its part
      handler({ build, environments }) {
        ownEntries = (name) => namesEntries(environments?.[name]?.build) || (name === "ssr" && namesEntries(build));
        return { worker: { plugins: () => [again() as Plugin] } };
      },
    },
    resolveId: {
      order: "pre",
      async handler(source, importer, options) {
        const { config } = this.environment;
        const ours = source === RUNTIME && importer !== undefined && SPEC.test(importer);
        if (!ours || config.consumer !== "server" || !bundled(this.environment)) return undefined;
        // Left outside also where a linked package has none (see `runtimeFor`), which Vite takes for an error.
        const found = await this.resolve(source, importer, { ...options, skipSelf: true });
        return found ?? { id: source, external: true };
      },
    },
    configResolved(resolved) {
      config = resolved;
    },
    configEnvironment(name, { consumer = name === "client" ? "client" : "server" }) {
      // Pre-bundled, the runtime would be there twice: for the specs, and for what the user's code imports of it.
      if (consumer === "client") return { optimizeDeps: { exclude: [RUNTIME] } };
      // (Vite fills in the consumer of its own environments only after this hook.)
      // Without emitAssets Vite deletes all assets of a server build.
      return { resolve: { external: [...EXTERNAL] }, build: { emitAssets: true } };
    },
    configureServer(started) {
      server = started;
      server.middlewares.use(assets.middleware(config));
    },
    buildEnd() {
      development.close(); // a server's only build ends with it
    },
    hotUpdate({ file, modules }) {
      const own = forgetSpecs(development.specsOf(file), this.environment);
      return own.length === 0 ? undefined : [...new Set([...modules, ...own])];
    },
    resolveFileUrl: {
      // Before Vite (8.3 and later), which would make it a web path such as "/assets/x.weights": no file system knows
      // that.
      order: "pre",
      handler({ referenceId, relativePath, format }) {
        if (!emitted.get(this.environment)?.has(referenceId)) return undefined;
        const { consumer, build } = this.environment.config;
        // A site's files lie below its `base`, which Vite sees to; a library knows only that its files lie beside each
        // other.
        if (consumer === "client" && !(build.lib && format === "es")) return undefined;
        const path = JSON.stringify(relativePath);
        if (format === "cjs")
          return `require("node:url").pathToFileURL(require("node:path").join(__dirname, ${path})).href`;
        return `new URL(${path}, import.meta.url).href`;
      },
    },
    generateBundle(_options, bundle) {
      const own = [...(emitted.get(this.environment) ?? [])];
      dropUnused(
        bundle,
        own.map(([reference, id]) => [this.getFileName(reference), fileOf(id)]),
      );
    },
  };
  return { host, hooks };
}

/**
 * Whether a configuration says what is built for Node: `ssr: "src/main.ts"` or a library. (Frameworks say `ssr: true`.)
 */
function namesEntries(build: BuildEnvironmentOptions | undefined): boolean {
  return Boolean(build?.lib) || (build?.ssr !== undefined && typeof build.ssr !== "boolean");
}

/** Vite calls hooks with Rolldown's context and the environment; unplugin's type shows a part of it. */
function native(context: unknown): Rolldown.PluginContext & { environment: Environment } {
  return context as Rolldown.PluginContext & { environment: Environment };
}
