import { dirname, resolve } from "node:path";
import type { NormalizedOutputOptions, Plugin, PluginContext } from "rollup";
import { fileOf, interpreterOf } from "../../ids.ts";
import { type Asset, BROWSER_RUNTIME, bytesOf, EXTERNAL, type Host, type HostWithHooks, RUNTIME } from "../host.ts";

/** Rollup: an emitted asset, which it leaves out where tree-shaking dropped the code that names it. */
export function rollupHost(): HostWithHooks<Partial<Plugin>> {
  return { host: emittingHost(), hooks: { resolveId: resolveRuntime } };
}

/** Messages for Rollup and its kin, who show the frame that stands beside a message. */
export const throwing: Pick<Host, "warn" | "error"> = {
  warn: (context, report) => context.warn(report),
  error: (context, report) => context.error(report), // (throws)
};

/** A host that emits assets as Rollup does, and Rolldown. */
export function emittingHost(): Host {
  const emit = (context: unknown, id: string, { name, source }: Asset & { source: Uint8Array }) => {
    // Rolldown has no `needsCodeReference`; its host goes by the file.
    const asset = { type: "asset", name, source, originalFileName: fileOf(id), needsCodeReference: true } as const;
    return `import.meta.ROLLUP_FILE_URL_${native(context).emitFile(asset)}`;
  };
  return {
    root: () => process.cwd(),
    watchesModules: () => false,
    info: (context, message) => native(context).info(message),
    ...throwing,
    quiet: () => false,
    // The bundler does not know where a bundle will run, but its resolver does: it was given the conditions.
    async isClient(context, id) {
      // (A linked package may not have it itself: see `runtimeFor`.)
      const runtime =
        (await native(context).resolve(RUNTIME, id)) ?? (await native(context).resolve(RUNTIME, resolve("index.js")));
      return runtime !== null && !runtime.external && BROWSER_RUNTIME.test(runtime.id);
    },
    weights(context, id, name, { weights }) {
      return `new URL(${emit(context, id, { name, source: weights })})`;
    },
    async url(context, id, asset) {
      return emit(context, id, { name: asset.name, source: await bytesOf(asset) });
    },
    output: (_context, written, loaded) => (loaded ? folderOf(written) : undefined),
  };
}

/** The folder that Rollup or one of its kin has written to. */
export function folderOf(written: unknown): string {
  const { dir, file = "" } = written as Pick<NormalizedOutputOptions, "dir" | "file">;
  return resolve(dir ?? dirname(file));
}

/** Keeps outside what must not be bundled for Node. */
export const resolveRuntime: Extract<Plugin["resolveId"], { handler: unknown }> = {
  // Before a resolver, which would bundle it.
  order: "pre",
  async handler(source, importer, { attributes, custom, isEntry }) {
    if (interpreterOf(source)) return source; // (Rollup knows no queries.)
    if (!EXTERNAL.includes(source)) return null;
    const resolved = await this.resolve(source, importer, {
      attributes,
      isEntry,
      skipSelf: true,
      ...(custom && { custom }),
    });
    return resolved && BROWSER_RUNTIME.test(resolved.id) ? resolved : { id: source, external: true };
  },
};

/** Rollup calls hooks with its own context; unplugin's type shows a part of it. */
function native(context: unknown): PluginContext {
  return context as PluginContext;
}
