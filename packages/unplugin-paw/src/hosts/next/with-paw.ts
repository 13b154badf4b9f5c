import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../../package.json" with { type: "json" };
import { SPEC } from "../../ids.ts";
import { majorOf, manifestOf } from "../../installed.ts";
import { type Options as AllOptions, checkOptions } from "../../options.ts";
import webpack from "../../webpack.ts";
import { EXTERNAL } from "../host.ts";
import type { LoaderOptions } from "./loader.ts";
import { PUBLIC } from "./turbopack.ts";

/** The plugin's options, all but `inline`: servers have programs in their code here. See {@link AllOptions}. */
export type Options = Omit<AllOptions, "inline" | "remote"> & {
  /** As the plugin's, and no storage object: loaders of Turbopack get JSON. */
  remote?: string | false;
};

/** The parts of Next.js' configuration that are read here; Next.js checks the rest. */
interface NextConfig {
  serverExternalPackages?: string[] | undefined;
  transpilePackages?: string[] | undefined;
  turbopack?: { rules?: object } | undefined;
  basePath?: string | undefined;
  output?: string | undefined;
  outputFileTracingIncludes?: Record<string, string[]> | undefined;
  headers?: unknown;
  webpack?: unknown;
}

/**
 * No more is asked of what is given: a literal with none of these parts would be refused, as would Next.js' own type
 * with an index.
 */
type Given = object | ((...args: never[]) => object | Promise<object>);

/** What Next.js hands to the function `webpack` of a configuration. */
type WebpackConfig = { plugins: unknown[]; module: { rules: unknown[] } };
type WebpackContext = { isServer: boolean; nextRuntime?: "nodejs" | "edge" };
type WebpackFunction = (config: WebpackConfig, context: WebpackContext) => WebpackConfig;

type Headers = (() => Promise<object[]> | object[]) | undefined | null;

/** Next.js matches it against parts of a route. */
const EVERY_ROUTE = "/*";
const LOADER = fileURLToPath(new URL("./next-loader.js", import.meta.url));

/**
 * Adds `.paw` files to a configuration of Next.js, for Turbopack and for webpack: in server components, route handlers,
 * server actions and client components. What the configuration has already is kept.
 *
 * @param config the configuration: an object, or a function that makes it
 * @param options the plugin's options; paths are relative to the project's root
 * @returns a configuration of the same kind
 * @throws {Error} an option is wrong
 * @example
 * // next.config.ts
 * import { withPaw } from "unplugin-paw/next";
 * export default withPaw({ reactStrictMode: true });
 */
export function withPaw<Config extends Given = object>(config?: Config, options: Options = {}): Config {
  checkOptions(options);
  if (typeof options.remote === "object") {
    throw new Error(
      "unplugin-paw: withPaw takes `remote` as a URL or a path, because Turbopack's loaders take no objects.",
    );
  }
  if (typeof config !== "function") return extended(config ?? {}, options) as Config;
  const make = config as (...args: unknown[]) => NextConfig | Promise<NextConfig>;
  const wrapped = (...args: unknown[]) => {
    const made = make(...args);
    return made instanceof Promise ? made.then((one) => extended(one, options)) : extended(made, options);
  };
  return wrapped as unknown as Config;
}

function extended(config: NextConfig, options: Options): NextConfig {
  const { serverExternalPackages = [], transpilePackages = [], turbopack } = config;
  const external = EXTERNAL.filter((name) => !transpilePackages.includes(name));
  return {
    ...config,
    serverExternalPackages: [...new Set([...serverExternalPackages, ...external])],
    turbopack: { ...turbopack, rules: { ...turbopack?.rules, "*.paw": turbopackRules(config, options) } },
    outputFileTracingIncludes: { ...config.outputFileTracingIncludes, ...tracedLibraries(config) },
    // (An export has no server that could send headers.)
    ...(config.output !== "export" && { headers: headersFunction(config.headers as Headers) }),
    webpack: webpackFunction(config, options),
  };
}

/**
 * What `output: "standalone"` copies is found by reading code, and onnxruntime's library is loaded by its own native
 * module, which names it in no code. Of this platform's, and not the libraries for GPUs.
 */
function tracedLibraries({ outputFileTracingIncludes: given = {} }: NextConfig): Record<string, string[]> {
  const root = process.cwd();
  const manifest = manifestOf("onnxruntime-node", root);
  if (manifest === undefined) return {}; // for pages only
  const folder = relative(root, dirname(manifest)).replaceAll("\\", "/");
  const files = `${folder}/bin/*/${process.platform}/${process.arch}/{libonnxruntime.*,*.dll}`;
  return { [EVERY_ROUTE]: [...(given[EVERY_ROUTE] ?? []), `./${files}`] };
}

/** Browsers may keep what lies below `public/_paw`: its paths change with the content. */
function headersFunction(given: Headers): NonNullable<Headers> {
  const own = {
    source: `/${PUBLIC}/:path*`,
    headers: [{ key: "Cache-Control", value: "public, max-age=31536000, immutable" }],
  };
  return async () => [own, ...((await given?.()) ?? [])];
}

/** For whom a spec is loaded is said by conditions, whose syntax is another one from Next.js 16 on. */
function turbopackRules(config: NextConfig, options: Options): unknown {
  const rule = (target: LoaderOptions["target"]) => ({ loaders: [loader(target, config, options)], as: "*.js" });
  // (Where Next.js is found in another way than this one, it is the newest that is known.)
  const next = majorOf("next", process.cwd()) ?? 16;
  if (next < 16) return { browser: rule("browser"), "edge-light": rule("edge"), default: rule("node") };
  return [
    { condition: "browser", ...rule("browser") },
    { condition: "edge-light", ...rule("edge") },
    { condition: { not: { any: ["browser", "edge-light"] } }, ...rule("node") },
  ];
}

function loader(
  target: LoaderOptions["target"],
  { basePath = "" }: NextConfig,
  options: Options,
): { loader: string; options: LoaderOptions } {
  return { loader: LOADER, options: { target, basePath, options, version: packageJson.version } };
}

function webpackFunction(given: NextConfig, options: Options): WebpackFunction {
  const own = given.webpack as WebpackFunction | undefined | null;
  return (before, context) => {
    const config = own?.(before, context) ?? before;
    const { isServer, nextRuntime } = context;
    if (nextRuntime === "edge") config.module.rules.push({ test: SPEC, use: [loader("edge", given, options)] });
    else config.plugins.push(webpack({ ...options, inline: isServer }));
    return config;
  };
}
