import { resolve } from "node:path";
import type { JsPlugin, ResolvedUserConfig } from "@farmfe/core";
import { fail, hinted, withFrame } from "../../reports.ts";
import { assetImports } from "../asset-imports.ts";
import { EXTERNAL, type Host, type HostWithHooks, inlined, type LoadContext } from "../host.ts";

/**
 * Farm. An import with `?url` of a file on disk is an asset there: its path where Node runs the bundle, its URL where a
 * browser does.
 */
export function farmHost(): HostWithHooks<Partial<JsPlugin>> {
  let config: ResolvedUserConfig;
  const imports = assetImports();
  const emit = (context: LoadContext, path: string) => imports.add(context, `${path}?url`);

  const host: Host = {
    root: () => config.root ?? process.cwd(),
    watchesModules: () => true,
    info: (_context, message) => void process.stderr.write(`${message}\n`),
    // Farm ends the process where `warn` or `error` gets an object, and unplugin gives it nothing else.
    warn: (_context, report) => void process.stderr.write(`${withFrame(report)}\n`),
    error: (_context, report) => {
      throw new Error(withFrame(report));
    },
    quiet: () => false,
    isClient: () => !isServer(config),
    weights(context, _id, _name, compiled) {
      return compiled.path === undefined ? inlined(compiled.weights) : emit(context, compiled.path);
    },
    async url(context, id, { name, source }) {
      if (typeof source === "string") return emit(context, source);
      const message = `Farm takes ${name} from the cache of programs alone, and it cannot be written.`;
      return fail(hinted(message, "Set `cache` to a folder that can be written.", id));
    },
    output: () => (isServer(config) ? resolve(host.root(), config.compilation?.output?.path ?? "dist") : undefined),
    imports: imports.of,
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
