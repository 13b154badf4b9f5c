import type { Plugin, PluginContext } from "rollup";
import { EXTERNAL, type Host } from "./host.ts";

/** Rollup: an emitted asset, which it leaves out where tree-shaking dropped the code that names it. */
export function rollupHost(): { host: Host; hooks: Partial<Plugin> } {
  const host: Host = {
    root: () => process.cwd(),
    watchesModules: () => false,
    info: (context, message) => native(context).info(message),
    quiet: () => false,
    refuse: () => undefined,
    weights(context, _id, name, { weights }) {
      const reference = native(context).emitFile({ type: "asset", name, source: weights, needsCodeReference: true });
      return `/*#__PURE__*/ new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
    },
  };
  const hooks: Partial<Plugin> = {
    options({ external, ...options }) {
      if (typeof external !== "function") return { ...options, external: [external ?? [], EXTERNAL].flat(2) };
      return { ...options, external: (id, ...rest) => EXTERNAL.includes(id) || external(id, ...rest) };
    },
  };
  return { host, hooks };
}

/** Rollup calls hooks with its own context; unplugin's type shows a part of it. */
function native(context: unknown): PluginContext {
  return context as PluginContext;
}
