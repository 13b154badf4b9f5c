import type { LoadContext } from "./asset/host.ts";
import { turbopackHost } from "./asset/turbopack.ts";
import { edgeReport, type Report } from "./errors.ts";
import { type SpecLoader, specLoader } from "./load.ts";
import type { Options } from "./options.ts";

/** What a rule says: for whom a spec is loaded, and the user's options. */
export interface LoaderOptions {
  target: "browser" | "node" | "edge";
  basePath: string;
  options: Options;
  /** Changes with all that decides what generated modules say, for Turbopack's cache. */
  version: string;
}

/** The part of webpack's loader interface that Turbopack has and that is used here. */
interface LoaderContext {
  resourcePath: string;
  rootContext: string;
  async(): (error: Error | null, code?: string, map?: unknown) => void;
  getOptions(): LoaderOptions;
  addDependency(path: string): void;
  emitWarning?(warning: Error): void;
}

const loaders = new Map<string, SpecLoader>();

/** A loader for Turbopack, and for code that webpack builds for the edge: gives a spec's module. `withPaw` names it in rules. */
export default function load(this: LoaderContext): void {
  const done = this.async();
  const { target, basePath, options } = this.getOptions();
  const { resourcePath: id, rootContext: root } = this;
  const fail = (report: Report | string): never => {
    throw withoutStack(text(report));
  };
  const context = {
    addWatchFile: (path: string) => this.addDependency(path),
    warn: (report: Report | string) => this.emitWarning?.(withoutStack(text(report))),
    error: fail,
  };
  const loading = async () => {
    if (target === "edge") return fail(edgeReport(id));
    const key = JSON.stringify([root, target, basePath, options]);
    const loader =
      loaders.get(key) ?? specLoader(options, turbopackHost({ root, client: target === "browser", basePath }));
    loaders.set(key, loader);
    return await loader.load(context as unknown as LoadContext, id);
  };
  loading().then((module) => done(null, module?.code, module?.map), done);
}

function text(report: Report | string): string {
  if (typeof report === "string") return report;
  const { message, frame } = report;
  return frame ? `${message}\n\n${frame}` : message;
}

/** (A stack would only show how a bundler calls a loader.) */
function withoutStack(message: string): Error {
  const error = new Error(message);
  error.stack = "";
  return error;
}
