import { existsSync } from "node:fs";
import { createVitePlugin, type UnpluginFactory } from "unplugin";
import type { LoadContext } from "./asset/host.ts";
import { hosts } from "./asset/index.ts";
import { DECLARATIONS, loadDeclarations } from "./declarations.ts";
import { SPEC } from "./ids.ts";
import { INTERPRETER } from "./interpreter.ts";
import { specLoader } from "./load.ts";
import type { Options } from "./options.ts";

/** The hooks that all bundlers share: a spec is loaded as the module that runs its program. */
export const factory: UnpluginFactory<Options | undefined, false> = (given = {}, { framework }) => {
  const makeHost = hosts[framework];
  if (!makeHost) {
    throw new Error(
      `unplugin-paw: this version has no plugin for ${framework}; it has for ${Object.keys(hosts).join(", ")}.`,
    );
  }
  const { host, hooks } = makeHost({ given, again: () => createVitePlugin(factory)(given) });
  const specs = specLoader(given, host);
  return {
    name: "unplugin-paw",
    load: {
      filter: { id: [SPEC, INTERPRETER, DECLARATIONS] },
      async handler(id) {
        if (DECLARATIONS.test(id)) return existsSync(id) ? null : loadDeclarations(id);
        const module = await specs.load(this, id);
        return module && { ...module, moduleType: "js", moduleSideEffects: false };
      },
    },
    // Editors see a changed signature at once, not at a dev server's next request.
    watchChange: (id, { event }) => specs.changed(id, event === "delete"),
    // (unplugin's type leaves out what the bundlers of Rollup's kind give to the hook.)
    async writeBundle(this: unknown, written?: unknown) {
      await specs.written(this as LoadContext, written);
    },
    [framework]: hooks,
  };
};
