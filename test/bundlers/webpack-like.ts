import { Writable } from "node:stream";
import { rspack } from "@rspack/core";
import type { Options } from "unplugin-paw";
import rspackPaw from "unplugin-paw/rspack";
import webpackPaw from "unplugin-paw/webpack";
import webpack, { type Compiler, type Configuration, type Stats } from "webpack";

export type Kind = "webpack" | "rspack";

/** What a build said. */
export interface Said {
  errors: string[];
  warnings: string[];
  /** What the plugin told through the bundler's logger. */
  log: string[];
}

/** The configuration of an app that is built into its folder `out`; CommonJS, should it be for Node. */
export function configure(root: string, entry: string, more: Configuration = {}): Configuration {
  const output = { path: `${root}/out`, filename: "[name].cjs", chunkFilename: "[name].cjs", clean: true };
  return { context: root, mode: "production", entry, ...more, output: { ...output, ...more.output } };
}

/** @param configurations each is a compiler; all have the same instance of the plugin */
export function compilerOf(
  kind: Kind,
  options: Options,
  configurations: Configuration[],
  log: string[] = [],
): Compiler {
  const plugin = kind === "webpack" ? webpackPaw(options) : rspackPaw(options);
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push(...`${chunk}`.split("\n").filter((line) => line.includes("[unplugin-paw]")));
      done();
    },
  });
  const logging = { stream: stream as unknown as NodeJS.WritableStream, colors: false, appendOnly: true };
  const all = configurations.map((configuration) => ({
    ...configuration,
    infrastructureLogging: { ...logging, ...configuration.infrastructureLogging },
    plugins: [plugin],
  }));
  // Rspack has webpack's interface as far as the tests use it.
  const make = (kind === "webpack" ? webpack : rspack) as unknown as (of: unknown) => Compiler;
  return make(all.length === 1 ? all[0] : all);
}

/** Builds once, and writes the persistent cache. */
export async function bundle(kind: Kind, options: Options, ...configurations: Configuration[]): Promise<Said> {
  const log: string[] = [];
  const compiler = compilerOf(kind, options, configurations, log);
  const stats = await new Promise<Stats>((resolve, reject) => {
    compiler.run((error, stats) => (stats ? resolve(stats) : reject(error)));
  });
  const said = { ...messages(stats), log };
  await new Promise<void>((resolve, reject) => compiler.close((error) => (error ? reject(error) : resolve())));
  return said;
}

export function messages(stats: Stats): Omit<Said, "log"> {
  const { errors, warnings, children } = stats.toJson({ all: false, errors: true, warnings: true, children: true });
  const all = (own: { message: string }[] | undefined, list: "errors" | "warnings") => [
    ...new Set(
      [...(own ?? []), ...(children ?? []).flatMap((child) => child[list] ?? [])].map(({ message }) => message),
    ),
  ];
  return { errors: all(errors, "errors"), warnings: all(warnings, "warnings") };
}
