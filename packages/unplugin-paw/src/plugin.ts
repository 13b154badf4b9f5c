import { createVitePlugin, type UnpluginFactory } from "unplugin";
import { Build } from "./build.ts";
import type { LoadContext } from "./hosts/host.ts";
import { hostFor } from "./hosts/index.ts";
import { DECLARATIONS, INTERPRETER, SPEC } from "./ids.ts";
import { loadModule } from "./modules/load.ts";
import type { Options } from "./options.ts";
import { followEdit } from "./spec-source.ts";

/** The hooks that all bundlers share, and those of one. */
export const factory: UnpluginFactory<Options | undefined, false> = (given = {}, { framework }) => {
  const { host, hooks } = hostFor(framework, { given, again: () => createVitePlugin(factory)(given) });
  const build = new Build(given, host);
  return {
    name: "unplugin-paw",
    load: {
      filter: { id: [SPEC, INTERPRETER, DECLARATIONS] },
      handler(id) {
        return loadModule(build, this, id);
      },
    },
    async watchChange(id, { event }) {
      await followEdit(build, id, event === "delete");
    },
    // (unplugin's type leaves out what the bundlers of Rollup's kind give to the hook.)
    async writeBundle(this: unknown, written?: unknown) {
      if (!build.options.bundle) return;
      const { placeInterpreter } = await import("./modules/interpreter.ts");
      await placeInterpreter(build, this as LoadContext, written);
    },
    [framework]: hooks,
  };
};
