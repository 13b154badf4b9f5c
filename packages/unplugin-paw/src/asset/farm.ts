import { Buffer } from "node:buffer";
import type { JsPlugin, ResolvedUserConfig } from "@farmfe/core";
import { fail } from "../errors.ts";
import { EXTERNAL, type Host, type LoadContext } from "./host.ts";

/**
 * Farm. An import with `?url` of a file on disk is an asset there: its path where Node runs the bundle, its URL where a browser does.
 */
export function farmHost(): { host: Host; hooks: Partial<JsPlugin> } {
  let config: ResolvedUserConfig;
  const imports = new WeakMap<LoadContext, string[]>();

  const emit = (context: LoadContext, path: string) => {
    const list = imports.get(context) ?? [];
    imports.set(context, list);
    list.push(`import asset${list.length} from ${JSON.stringify(`${path}?url`)};\n`);
    return `asset${list.length - 1}`;
  };

  const host: Host = {
    root: () => config.root ?? process.cwd(),
    watchesModules: () => true,
    info: (_context, message) => void process.stderr.write(`${message}\n`),
    quiet: () => false,
    isClient: () => !isServer(config),
    weights(context, _id, _name, { weights, path }) {
      return path === undefined
        ? `/*#__PURE__*/ Buffer.from("${Buffer.from(weights).toString("base64")}", "base64")`
        : emit(context, path);
    },
    async url(context, id, { name, source }) {
      if (typeof source === "string") return emit(context, source);
      const message = `Farm takes ${name} from the cache of programs alone, and it cannot be written.`;
      return fail(context, {
        message: `${message}\nhint: Set \`cache\` to a folder that can be written.`,
        id,
        stack: "",
      });
    },
    imports: (context) => imports.get(context)?.join("") ?? "",
  };

  const hooks: Partial<JsPlugin> = {
    config: (given) => (isServer(given) ? { compilation: { external: EXTERNAL.map((name) => `^${name}$`) } } : {}),
    configResolved(resolved) {
      config = resolved;
    },
  };
  return { host, hooks };
}

function isServer({ compilation }: { compilation?: { output?: { targetEnv?: string | undefined } } }): boolean {
  return compilation?.output?.targetEnv?.includes("node") ?? false;
}
