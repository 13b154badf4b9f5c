import { readFile } from "node:fs/promises";
import type { Plugin, PluginContext } from "rollup";
import { interpreterOf } from "../interpreter.ts";
import { type Asset, EXTERNAL, type Host, RUNTIME } from "./host.ts";

/** The runtime's entry under the condition `browser`. */
const BROWSER_RUNTIME = /[\\/]browser\.[jt]s$/;

/** Rollup: an emitted asset, which it leaves out where tree-shaking dropped the code that names it. */
export function rollupHost(): { host: Host; hooks: Partial<Plugin> } {
  const emit = (context: unknown, { name, source }: Asset) => {
    const reference = native(context).emitFile({ type: "asset", name, source, needsCodeReference: true });
    return `import.meta.ROLLUP_FILE_URL_${reference}`;
  };
  const host: Host = {
    root: () => process.cwd(),
    watchesModules: () => false,
    info: (context, message) => native(context).info(message),
    quiet: () => false,
    // Rollup does not know where a bundle will run, but its resolver does: it was given the conditions.
    async isClient(context, id) {
      const runtime = await native(context).resolve(RUNTIME, id);
      return runtime !== null && !runtime.external && BROWSER_RUNTIME.test(runtime.id);
    },
    weights: (context, _id, name, { weights }) => `/*#__PURE__*/ new URL(${emit(context, { name, source: weights })})`,
    async url(context, _id, { name, source }) {
      return emit(context, { name, source: typeof source === "string" ? await readFile(source) : source });
    },
  };
  const hooks: Partial<Plugin> = {
    resolveId: {
      // Before a resolver, which would bundle what must stay outside.
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
    },
  };
  return { host, hooks };
}

/** Rollup calls hooks with its own context; unplugin's type shows a part of it. */
function native(context: unknown): PluginContext {
  return context as PluginContext;
}
