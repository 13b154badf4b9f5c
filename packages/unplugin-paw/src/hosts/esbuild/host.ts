import { dirname, relative, resolve } from "node:path";
import type { BuildOptions, PluginBuild } from "esbuild";
import type { UnpluginOptions } from "unplugin";
import { interpreterOf } from "../../ids.ts";
import { fail, hinted, type Report, withFrame } from "../../reports.ts";
import { assetImports } from "../asset-imports.ts";
import {
  type Asset,
  BROWSER_RUNTIME,
  bytesOf,
  EXTERNAL,
  type Host,
  type HostWithHooks,
  type LoadContext,
  RUNTIME,
} from "../host.ts";

/** Namespace of the assets; what is there has its own loaders, whatever the user has set for the extensions. */
const ASSET = "paw-asset";
const SCRIPT = "paw-script";

/**
 * Extensions of programs, and of the interpreter's weights (see `interpreterAssets`). These esbuild reads by itself,
 * unless the user has another use for them: 90 MB through the pipe between it and its plugins take a second, in every
 * rebuild.
 */
const READ_BY_ESBUILD = Object.fromEntries(
  [".weights", ...Array.from({ length: 64 }, (_, i) => `.${i + 1}.data`)].map(
    (extension) => [extension, "file"] as const,
  ),
);

interface AssetModule extends Pick<Asset, "source"> {
  loader: "file" | "base64";
}

/** What bundles for Node import; esbuild keeps an import of what may have side effects, also where nothing uses it. */
const OUTSIDE = new RegExp(`^(${[...EXTERNAL, "node:url"].join("|")})$`);

/**
 * For `format: "iife"`. The page knows which script runs only while it runs for the first time, and a lazy import comes
 * later: so this is injected, which has it run first. Where nothing uses it, esbuild drops it.
 */
const SCRIPT_MODULE = `
const url = typeof document === "object" ? document.currentScript?.src : location.href;
export const pawScriptUrl = () => {
  if (url) return url;
  throw new Error("unplugin-paw: this script does not know its own URL, which those of its programs start from, as no <script src> of the kind \\"classic\\" runs it. Set esbuild's publicPath, or format to \\"esm\\".");
};
`;

/**
 * esbuild, which has no way to emit a file. A module that its loader `file` loads is one, though: hashed by
 * `assetNames`, part of `outputFiles` and of the metafile, and its path starts from the chunk that names it, or from
 * `publicPath`.
 */
export function esbuildHost(): HostWithHooks<UnpluginOptions["esbuild"]> {
  let options: BuildOptions = {};
  const assets = new WeakMap<PluginBuild, Map<string, AssetModule>>();
  const imports = assetImports();

  /** Imports the asset into the module; gives an expression for its URL in the output, or its bytes. */
  function emit(context: LoadContext, id: string, { name, source }: Asset, client: boolean): string {
    const build = native(context);
    // One a module: shared by two, it might lie in another chunk than they, and its path starts from there.
    const interpreter = interpreterOf(id);
    const folder = interpreter
      ? `${interpreter.id}-${interpreter.digest.slice(0, 8)}`
      : relative(host.root(), id).replaceAll("\\", "/");
    const path = `${folder}/${name.replace(/[^\p{L}\p{N}._-]/gu, "_")}`;
    const { publicPath } = build.initialOptions;
    // With publicPath a file's path is one of the web, and Node gets bytes. (Those of the loader "binary" are for newer
    // versions of Node.)
    assets.get(build)?.set(path, { source, loader: publicPath && !client ? "base64" : "file" });
    const variable = imports.add(context, `${ASSET}:${path}`);
    if (publicPath) return client ? variable : `Buffer.from(${variable}, "base64")`;
    const url = `new URL(${variable}, ${baseUrl(context, id, client)})`;
    // A function, because esbuild does not know that import.meta.url has no side effects.
    return client ? `/*#__PURE__*/ (() => ${url})()` : url;
  }

  const host: Host = {
    root: () => options.absWorkingDir ?? process.cwd(),
    watchesModules: () => false,
    info: (_context, message) => void (host.quiet() || process.stderr.write(`${message}\n`)),
    warn: (context, report) => context.warn(placed(report)),
    error: (context, report) => context.error(placed(report)),
    quiet: () => ["silent", "error", "warning"].includes(options.logLevel ?? "info"),
    isClient: (context, id) => isClient(native(context), dirname(id)),
    weights: (context, id, name, compiled) =>
      emit(context, id, { name, source: compiled.path ?? compiled.weights }, false),
    url: async (context, id, asset) => emit(context, id, asset, true),
    output(_context, _written, loaded) {
      const { outdir, outfile, write = true } = options;
      const folder = outdir ?? (outfile === undefined ? undefined : dirname(outfile));
      return loaded && write && folder !== undefined ? resolve(host.root(), folder) : undefined;
    },
    imports: imports.of,
  };

  const hooks: UnpluginOptions["esbuild"] = {
    onLoadFilter: /\.paw$|[\\/]interpreter\.js$/,
    setup(build) {
      options = build.initialOptions;
      const files = new Map<string, AssetModule>();
      const readers = new Map<Asset["source"], string>();
      assets.set(build, files);
      const loader = { ...READ_BY_ESBUILD, ...options.loader };
      options.loader = loader;
      // (Every build loads all modules again.)
      build.onStart(() => {
        files.clear();
        readers.clear();
      });
      build.onResolve({ filter: new RegExp(`^${ASSET}:`) }, ({ path }) => {
        const asset = path.slice(ASSET.length + 1);
        const { source, loader: wanted } = files.get(asset) as AssetModule;
        const extension = typeof source === "string" ? source.match(/(\.\d+\.data|\.weights)$/)?.[0] : undefined;
        const read = extension !== undefined && extension in READ_BY_ESBUILD && loader[extension] === wanted;
        // With [dir] in their names, files of this machine's would have its folders there. Specs that are alike have
        // the same file.
        const first = (readers.get(source) ?? asset) === asset;
        if (!read || !first || options.assetNames?.includes("[dir]")) {
          return { path: asset, namespace: ASSET, sideEffects: false };
        }
        readers.set(source, asset);
        return { path: source as string, sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: ASSET }, async ({ path }) => {
        const { source, loader } = files.get(path) as AssetModule;
        return { contents: await bytesOf({ source }), loader };
      });
      if (options.bundle && options.platform !== "node" && format(options) === "iife") {
        options.inject = [...(options.inject ?? []), SCRIPT];
        build.onResolve({ filter: new RegExp(`^${SCRIPT}$`) }, ({ path }) => {
          return { path, namespace: SCRIPT, sideEffects: false };
        });
        build.onLoad({ filter: /.*/, namespace: SCRIPT }, () => ({ contents: SCRIPT_MODULE }));
      }
      build.onResolve({ filter: OUTSIDE }, async ({ path, resolveDir, pluginData }) => {
        if (pluginData === ASSET || (await isClient(build, resolveDir))) return null;
        return { path, external: true, sideEffects: false };
      });
    },
  };
  return { host, hooks };
}

/** Client or server: `platform` says, and with `"neutral"` what the runtime resolves to under the user's conditions. */
async function isClient(build: PluginBuild, resolveDir: string): Promise<boolean> {
  const { platform = "browser" } = build.initialOptions;
  if (platform !== "neutral") return platform === "browser";
  const { path, external } = await build.resolve(RUNTIME, { resolveDir, kind: "import-statement", pluginData: ASSET });
  return !external && BROWSER_RUNTIME.test(path);
}

/** What the path of a file starts from, as an expression. */
function baseUrl(context: LoadContext, id: string, client: boolean): string {
  const output = format(native(context).initialOptions);
  if (output === "esm") return "import.meta.url";
  if (!client) return 'require("node:url").pathToFileURL(__filename)';
  if (output === "iife") return "pawScriptUrl()";
  const message = "a page cannot tell where a CommonJS module lies, nor its programs.";
  fail(hinted(message, 'Set esbuild\'s format to "esm" or "iife", or publicPath.', id));
}

/** With the frame in the message, and the column counted from 0. */
function placed({ frame, loc, ...report }: Report): Report {
  const message = withFrame({ ...report, ...(frame !== undefined && { frame }) });
  return { ...report, message, ...(loc && { loc: { ...loc, column: loc.column - 1 } }) };
}

/** esbuild's own default depends on the platform. */
function format({ format, platform }: BuildOptions): "esm" | "cjs" | "iife" {
  return format ?? (platform === "node" ? "cjs" : platform === "neutral" ? "esm" : "iife");
}

function native(context: LoadContext): PluginBuild {
  const found = context.getNativeBuildContext?.() as { build: PluginBuild };
  return found.build;
}
