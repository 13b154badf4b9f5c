import { createHash } from "node:crypto";
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { writeWholeSync } from "@unplugin-paw/disk";
import type { Compiler } from "webpack";
import packageJson from "../../../package.json" with { type: "json" };
import { Development } from "../../development/development.ts";
import { fileOf, INTERPRETER } from "../../ids.ts";
import type { Options } from "../../options.ts";
import { fail, hinted, type Report, withFrame } from "../../reports.ts";
import { EXTERNAL, type Host, type HostSetup, type HostWithHooks, isEdgeResolver, type LoadContext } from "../host.ts";
import { ownFolder } from "./own-folder.ts";

const NAME = "unplugin-paw";

/** Where files that generated code names seem to lie, whatever their true place on this machine. */
const FOLDER = `${NAME}/`;

const QUIET: unknown[] = ["none", false, "error", "warn"];

/** What is generated, as rules see it: without a query. */
const GENERATED = [/\.paw$/, INTERPRETER];

/**
 * webpack, and Rspack, which has webpack's interface as far as it is used here. Generated code names files on disk with
 * `new URL("./file", import.meta.url)`, and the bundler does with them what it does with any such file: it gives them a
 * hash and a public path, and finds them again in its persistent cache, where a file that a plugin emits in a load hook
 * gets lost.
 */
export function webpackHost({ given }: HostSetup): HostWithHooks<(compiler: Compiler) => void> {
  let compiler: Compiler;
  const logger = () => compiler.getInfrastructureLogger(NAME);
  const development = new Development({
    reload: () => compiler.watching?.invalidate(), // it loads again what its cache may not keep
    info: (message) => logger().info(message),
    warn: (message) => logger().warn(message),
    quiet: () => host.quiet(),
  });

  /** Names a file for the bundler. A module from a cache is loaded again where the file has gone. */
  const urlOf = (context: LoadContext, id: string, name: string, path: string) => {
    context.addWatchFile(path);
    forgetMissing(compiler, path);
    return `/*#__PURE__*/ new URL(${JSON.stringify(request(id, name, path, isServer(compiler)))}, import.meta.url)`;
  };

  const host: Host = {
    root: () => compiler.context,
    watchesModules: () => true,
    info: (_context, message) => logger().info(message),
    warn: (context, report) => context.warn(framed(report)),
    error: (context, report) => context.error(framed(report)),
    quiet: () => QUIET.includes(compiler.options.infrastructureLogging.level),
    isEdge: () => isEdgeResolver(compiler.options.resolve.conditionNames),
    isClient: () => isClient(compiler),
    drafts: {
      development,
      wanted: () => compiler.watchMode && compiler.options.mode === "development",
      hot: "import.meta.webpackHot",
    },
    weights: (context, id, name, compiled) => urlOf(context, id, name, compiled.path ?? keep(name, compiled.weights)),
    url: async (context, id, { name, source }) =>
      urlOf(context, id, name, typeof source === "string" ? source : keep(name, source)),
    // (In its watch mode a dev server may keep the output in memory.)
    output: () => (isServer(compiler) && !compiler.watchMode ? compiler.outputPath : undefined),
    forget(context) {
      const native = context.getNativeBuildContext?.();
      if (native && "loaderContext" in native) native.loaderContext?.cacheable(false);
    },
  };
  const hooks = (applied: Compiler) => {
    compiler = applied;
    setUp(compiler, given);
    compiler.hooks.watchClose.tap(NAME, () => development.close());
  };
  return { host, hooks };
}

/** With the frame in the message, the only part that webpack shows. */
function framed({ frame, loc: _, ...report }: Report): Report {
  return { ...report, message: withFrame({ ...report, ...(frame !== undefined && { frame }) }) };
}

/** webpack remembers that a file was missing, should it have looked before the file was made. */
function forgetMissing({ inputFileSystem }: Compiler, path: string): void {
  try {
    inputFileSystem?.statSync?.(path);
  } catch {
    inputFileSystem?.purge?.(path);
  }
}

function isClient(compiler: Compiler): boolean {
  const { platform, options } = compiler;
  if (platform.web) return true;
  const refuse = (message: string, hint: string) => fail(hinted(message, hint));
  if (!platform.node) {
    const target = JSON.stringify(options.target);
    const message = `The target ${target} does not say whether this code will run in a browser or in Node.`;
    return refuse(message, 'Set `target` to "web" or to "node"; for both, build twice.');
  }
  const { module, publicPath } = options.output;
  if (module && !("rspack" in compiler) && publicPath !== "" && publicPath !== "auto") {
    const message = `webpack would have Node look for the program below ${publicPath}, because the output is an ES module.`;
    return refuse(message, "It is for browsers: leave `output.publicPath` out of the build for Node.");
  }
  return false;
}

function isServer({ platform }: Compiler): boolean {
  return Boolean(platform.node && !platform.web);
}

/**
 * What `new URL` is to find: `name!=!prefix!file`. The name stands for the file in names of assets and in rules. No
 * loader or type of the user's may change the bytes, so for browsers, who get scripts and WebAssembly, too, the name's
 * end says what it is and `!!` means no loaders; but then no rule counts, and Node needs ours.
 */
function request(id: string, name: string, path: string, server: boolean): string {
  // Relative, so that a persistent cache may move with the project. (From one drive of Windows to another there is no
  // such path.)
  const file = relative(dirname(fileOf(id)), path);
  const found = isAbsolute(file) ? file : `./${file.split(sep).join("/")}`;
  return `${FOLDER}${name}${server ? "!=!-!" : ".webpack[asset/resource]!=!!!"}${found}`;
}

function setUp(compiler: Compiler, given: Options): void {
  // Here the options have their defaults, and nothing has been made of them yet.
  compiler.hooks.environment.tap(NAME, () => {
    const { cache, module, output } = compiler.options;
    // Later rules win over the user's.
    module.rules.push({ test: GENERATED, type: "javascript/auto", sideEffects: false, parser: { url: true } });
    if (isServer(compiler)) {
      // A public path is for browsers; what Node is to read lies beside the code.
      const generator = { emit: true, ...(output.publicPath !== "auto" && { publicPath: "" }) };
      module.rules.push({ issuer: GENERATED, dependency: "url", type: "asset/resource", generator });
      new compiler.webpack.ExternalsPlugin(output.module ? "module" : "commonjs", [...EXTERNAL]).apply(compiler);
    } else {
      leaveAsTheyAre(compiler);
    }
    if (typeof cache === "object" && "version" in cache) cache.version += `${NAME} ${version(given, compiler)}`;
  });
}

/**
 * What browsers fetch as it is: it is not minified again, and no size hint asks to load it later, which the runtime
 * does anyway.
 */
function leaveAsTheyAre(compiler: Compiler): void {
  const own = new Set<string>();
  compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
    const stage = compiler.webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
    compilation.hooks.processAssets.tap({ name: NAME, stage }, () => {
      for (const { name, info } of compilation.getAssets()) {
        if (!info.sourceFilename?.startsWith(FOLDER)) continue;
        own.add(name);
        compilation.updateAsset(name, (source) => source, { minimized: true });
      }
    });
  });
  const { performance } = compiler.options;
  if (!performance) return;
  const { assetFilter = (name) => !name.endsWith(".map") } = performance;
  performance.assetFilter = (name, ...rest) => !own.has(name) && assetFilter(name, ...rest);
}

/** Changes with all that decides what generated modules say, beside the files that they depend on. */
function version(
  { cache: _, remote: __, teacher: ___, teaching: ____, ...given }: Options,
  { context, platform }: Compiler,
): string {
  const { version } = createRequire(import.meta.url)("@unplugin-paw/compiler/package.json");
  const gguf = given.gguf && statSync(resolve(context, given.gguf), { throwIfNoEntry: false });
  const parts = [packageJson.version, version, platform.web, given, gguf && [gguf.size, gguf.mtimeMs]];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** A file with these bytes, for a program that is in no cache. */
function keep(name: string, bytes: Uint8Array): string {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  const folder = join(ownFolder(), digest);
  const path = join(folder, name);
  writeWholeSync(path, (partial) => {
    writeFileSync(partial, bytes, { flag: "wx" });
    utimesSync(partial, new Date(0), new Date(0)); // a file that is newer than the build would start the next one
  });
  return path;
}
