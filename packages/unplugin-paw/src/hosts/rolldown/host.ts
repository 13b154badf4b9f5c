import type { Plugin, ResolveIdResult } from "rolldown";
import { declarationsOf, fileOf, INTERPRETER } from "../../ids.ts";
import type { HostWithHooks } from "../host.ts";
import { emittingHost, resolveRuntime } from "../rollup/host.ts";

/** Modules that name assets: the specs, and the interpreter's. */
const OURS = { test: (id: string): boolean => fileOf(id).endsWith(".paw") || INTERPRETER.test(id) };

/**
 * Where a chunk that is no ES module lies; like Rollup, a script that does not know takes the page's place for its own.
 */
const PLACE = `const pawPlace = /*#__PURE__*/ (() => {
  if (typeof document === "object") return document.currentScript?.src || document.baseURI;
  if (typeof location === "object") return location.href;
  if (typeof __filename === "string") return require("node:url").pathToFileURL(__filename).href;
})();`;

/** Rolldown does as Rollup, but for two things. */
export function rolldownHost(): HostWithHooks<Partial<Plugin>> {
  const hooks: Partial<Plugin> = {
    resolveId: {
      order: "pre",
      async handler(source, importer, options) {
        // tsdown bundles declarations, too, as modules with names that end so.
        if (declarationsOf(source, importer)) {
          const spec = await this.resolve(source, importer, { ...options, skipSelf: true });
          const id = spec && declarationsOf(spec.id, importer);
          return id ? { id, moduleSideEffects: false } : null;
        }
        const runtime = resolveRuntime.handler.call(this as never, source, importer, options as never);
        return (await runtime) as ResolveIdResult;
      },
    },
    // One: formats without `import.meta.url` get `{}.url` in its place.
    resolveFileUrl({ format, moduleId, relativePath }) {
      if (format === "es" || !OURS.test(moduleId)) return null;
      return `new URL(${JSON.stringify(relativePath)}, pawPlace).href`;
    },
    // A script is known only while it runs for the first time, and what it imports lazily runs later. (The hook does
    // not know the format; in ES modules nothing uses this, and Rolldown drops it.)
    intro: (chunk) => (chunk.moduleIds.some(OURS.test) ? PLACE : ""),
    onLog: (_level, { code, id }) => !(code === "EMPTY_IMPORT_META" && id && OURS.test(id)),
    // Two: it keeps an asset whose module was tree-shaken away.
    generateBundle(_options, bundle) {
      const assets = Object.values(bundle).flatMap((output) =>
        output.type === "asset"
          ? output.originalFileNames.filter(OURS.test).map((file) => [output.fileName, file] as const)
          : [],
      );
      dropUnused(bundle, assets);
    },
  };
  return { host: emittingHost(), hooks };
}

/**
 * Takes out of the bundle the assets that only modules name which are in none of its chunks.
 *
 * @param assets file names, and files of modules that name them
 */
export function dropUnused(
  bundle: Record<string, { type: "asset" } | { type: "chunk"; moduleIds: string[] }>,
  assets: readonly (readonly [fileName: string, file: string])[],
): void {
  const bundled = new Set<string>();
  for (const output of Object.values(bundle)) {
    if (output.type === "chunk") for (const id of output.moduleIds) bundled.add(fileOf(id));
  }
  const used = new Set(assets.filter(([, file]) => bundled.has(file)).map(([name]) => name));
  for (const [name] of assets) if (!used.has(name)) delete bundle[name];
}
