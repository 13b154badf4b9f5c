import { Build } from "../../build.ts";
import { loadModule } from "../../modules/load.ts";
import type { Options } from "../../options.ts";
import { edgeReport } from "../../reports.ts";
import { shared } from "../../shared.ts";
import type { LoadContext } from "../host.ts";
import { shownError, turbopackHost } from "./turbopack.ts";

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

/**
 * A loader for Turbopack, and for code that webpack builds for the edge: gives a spec's module. `withPaw` names it in
 * rules.
 */
export default function load(this: LoaderContext): void {
  const done = this.async();
  const { target, basePath, options } = this.getOptions();
  const { resourcePath: id, rootContext: root } = this;
  const context = {
    addWatchFile: (path: string) => this.addDependency(path),
    warn: (error: Error) => this.emitWarning?.(error),
  };
  const loading = async () => {
    if (target === "edge") throw shownError(edgeReport(id));
    const key = JSON.stringify([root, target, basePath, options]);
    const build =
      shared.builds.get(key) ?? new Build(options, turbopackHost({ root, client: target === "browser", basePath }));
    shared.builds.set(key, build);
    return await loadModule(build, context as unknown as LoadContext, id);
  };
  loading().then((module) => done(null, module?.code, module?.map), done);
}
