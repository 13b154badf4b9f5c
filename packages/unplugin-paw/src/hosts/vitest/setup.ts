/** `globalSetup` of Vitest: programs and the interpreter are there before the first test. See {@link setup}. */
import { join } from "node:path";
import { compile } from "@unplugin-paw/compiler";
import { findCard, openInterpreter } from "@unplugin-paw/interpreter";
import { readSpec } from "@unplugin-paw/spec";
import { findSpecs } from "@unplugin-paw/spec/find";
import type { ResolvedConfig } from "vite";
import { compiledLine, terminalProgress } from "../../log.ts";
import { compileOptions, type Options, resolveOptions } from "../../options.ts";

/** What this takes of Vitest's `TestProject`. */
export interface TestProject {
  vite: { config: ResolvedConfig };
}

/**
 * Compiles every spec of the project that the cache does not have, with the options of its plugin, and fetches the
 * interpreter where this user has none. So no test waits for either, and Vitest 3 for no module longer than its 60 s. A
 * spec that cannot be compiled is left to the test that imports it.
 *
 * @throws {Error} the configuration has no `unplugin-paw/vite`; the interpreter cannot be had
 * @example
 * // vitest.config.ts
 * export default defineConfig({ plugins: [paw()], test: { globalSetup: ["unplugin-paw/vitest"] } });
 */
export default async function setup({ vite: { config } }: TestProject): Promise<void> {
  const plugin = config.plugins.find(({ name }) => name === "unplugin-paw");
  if (!plugin) {
    throw new Error(
      'unplugin-paw/vitest: the configuration lacks the plugin: plugins: [paw()], from "unplugin-paw/vite".',
    );
  }
  const options = resolveOptions((plugin.api as { options: Options }).options, config.root);
  const progress = terminalProgress();
  const interpreters = new Map<string, string>();
  for (const path of findSpecs(config.root)) {
    const file = join(config.root, path);
    const { spec } = readSpec(file);
    if (!spec) continue;
    const onProgress = progress.update.bind(progress, file);
    const compiling = compile(spec, { ...compileOptions(options), gate: false, onProgress });
    const compiled = await compiling.finally(progress.clear).catch(() => undefined);
    if (!compiled) continue;
    if (!compiled.cached) process.stderr.write(`${compiledLine(file, compiled)}\n`);
    const { id, digest } = compiled.metadata.interpreter;
    interpreters.set(digest, id);
  }
  for (const [digest, id] of interpreters) {
    const onProgress = progress.update.bind(progress, id);
    const { gguf } = options;
    await openInterpreter({ card: findCard(id), digest, onProgress, ...(gguf !== undefined && { gguf }) }).finally(
      progress.clear,
    );
  }
}
