import { Buffer } from "node:buffer";
import { pathToFileURL } from "node:url";
import type { Environment, Plugin, ResolvedConfig, Rolldown } from "vite";
import { EXTERNAL, type Host } from "./host.ts";

/**
 * Vite, for server code. A build emits an asset; development points at the program in the cache, because a dev server's own URLs are
 * for browsers.
 */
export function viteHost(): { host: Host; hooks: Partial<Plugin> } {
  let config: ResolvedConfig;
  // Reference id of each asset and the module that names it. The ssr and other server environments may share this plugin.
  const emitted = new WeakMap<Environment, Map<string, string>>();

  const host: Host = {
    root: () => config.root,
    // (A dev server would take an added file for an import of the module.)
    watchesModules: (context) => native(context).environment.mode === "dev",
    info: (_context, message) => config.logger.info(message, { timestamp: config.command === "serve" }),
    quiet: () => config.logLevel !== undefined && config.logLevel !== "info",
    refuse(context, id) {
      const { environment } = native(context);
      if (environment.config.consumer === "server") return undefined;
      const importer = native(context).getModuleInfo(id)?.importers[0];
      const by = importer === undefined ? "" : `, imported by ${importer},`;
      return [
        `This version of unplugin-paw runs programs in server code only; this module${by} is built for the client (environment "${environment.name}").`,
        "hint: Import it from server code (vite build --ssr, an SSR entry, an API route) and call it from there.",
      ].join("\n");
    },
    weights(context, id, name, { weights, path }) {
      const { environment } = native(context);
      if (!environment.config.isBundled && environment.mode !== "build") {
        // A cache that could not be written is no reason to fail.
        if (path === undefined) return `Buffer.from("${Buffer.from(weights).toString("base64")}", "base64")`;
        return `/*#__PURE__*/ new URL(${JSON.stringify(pathToFileURL(path).href)})`;
      }
      const reference = native(context).emitFile({ type: "asset", name, source: weights });
      const own = emitted.get(environment) ?? new Map<string, string>();
      emitted.set(environment, own.set(reference, id));
      return `/*#__PURE__*/ new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
    },
  };

  const hooks: Partial<Plugin> = {
    configResolved(resolved) {
      config = resolved;
    },
    configEnvironment(name, { consumer = name === "client" ? "client" : "server" }) {
      // (Vite fills in the consumer of its own environments only after this hook.)
      if (consumer !== "server") return undefined;
      // Without emitAssets Vite deletes all assets of a server build.
      return { resolve: { external: [...EXTERNAL] }, build: { emitAssets: true } };
    },
    resolveFileUrl: {
      // Before Vite (8.3 and later), which would make it a web path such as "/assets/x.weights": no file system knows that.
      order: "pre",
      handler({ referenceId, relativePath, format }) {
        if (!emitted.get(this.environment)?.has(referenceId)) return undefined;
        const path = JSON.stringify(relativePath);
        if (format === "cjs")
          return `require("node:url").pathToFileURL(require("node:path").join(__dirname, ${path})).href`;
        return `new URL(${path}, import.meta.url).href`;
      },
    },
    // Rolldown keeps an asset whose module was tree-shaken away (Rollup has `needsCodeReference` for it).
    generateBundle(_options, bundle) {
      const modules = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type === "chunk") for (const id of output.moduleIds) modules.add(id);
      }
      const own = [...(emitted.get(this.environment) ?? [])];
      const file = (reference: string) => this.getFileName(reference);
      const used = new Set(own.filter(([, id]) => modules.has(id)).map(([reference]) => file(reference)));
      for (const [reference] of own) if (!used.has(file(reference))) delete bundle[file(reference)];
    },
  };
  return { host, hooks };
}

/** Vite calls hooks with Rolldown's context and the environment; unplugin's type shows a part of it. */
function native(context: unknown): Rolldown.PluginContext & { environment: Environment } {
  return context as Rolldown.PluginContext & { environment: Environment };
}
