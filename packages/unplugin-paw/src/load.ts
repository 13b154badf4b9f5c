import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Compiled, type CompileProgress, compile, defaultCache, programMeta } from "@unplugin-paw/compiler";
import { readSpec, type Spec } from "@unplugin-paw/spec";
import { type Host, inlined, type LoadContext } from "./asset/host.ts";
import { type GeneratedModule, generateModule, NO_MAP } from "./codegen.ts";
import { Drafts } from "./drafts.ts";
import { compileReport, diagnosticsReport, edgeReport, fail, failedModule, warn } from "./errors.ts";
import { fileOf, SPEC } from "./ids.ts";
import {
  generateInterpreter,
  type InterpreterName,
  interpreterModule,
  interpreterOf,
  placeInterpreter,
} from "./interpreter.ts";
import { compiledLine, terminalProgress } from "./log.ts";
import { checkOptions, compileOptions, type Options, type ResolvedOptions, resolveOptions } from "./options.ts";
import { removeTypes, writeTypes } from "./sidecar.ts";

/** The time that an editor may take to save a file, milliseconds. */
const SAVING = 100;

/** Programs that the log has told of, whichever of webpack's compilers (each has a plugin of its own) asked for them. */
const announced = new WeakSet<Uint8Array>();

/** What a bundler, or a loader in its place, asks of the plugin. */
export interface SpecLoader {
  /**
   * The module of a spec, or the one that says where an interpreter's files are; null for any other id. What is wrong is told to the context.
   */
  load(context: LoadContext, id: string): Promise<GeneratedModule | null>;
  /** Hears of a file that was changed or deleted. */
  changed(id: string, deleted: boolean): void;
  /** Hears of an output that was written, and what the bundler tells of it: the interpreter is put beside it where the options say so. */
  written(context: LoadContext, output: unknown): Promise<void>;
}

/**
 * Loads specs for a host.
 *
 * @throws {Error} an option is wrong
 */
export function specLoader(given: Options, host: Host): SpecLoader {
  checkOptions(given);
  const progress = terminalProgress();
  const { development } = host;
  const drafts = development && new Drafts({ ...development, progress: () => (host.quiet() ? undefined : progress) });
  development?.whenClosed(() => drafts?.close());
  let loadedForNode = false;

  return {
    async load(context, id) {
      const options = resolveOptions(given, host.root());
      const name = interpreterOf(id);
      if (!name && !SPEC.test(id)) return null;
      const loading = name ? loadInterpreter(context, id, name, options) : loadSpec(context, id, options);
      const module = await loading.catch((error) => {
        host.forget?.(context);
        return failedModule(error, name ? undefined : hotOf(context, options));
      });
      // (At the end, where they move no line of the map.)
      return { ...module, code: module.code + (host.imports?.(context) ?? "") };
    },
    changed(id, deleted) {
      drafts?.edited(fileOf(id));
      if (!SPEC.test(id)) return;
      const file = fileOf(id);
      const options = resolveOptions(given, host.root());
      if (!deleted) declare(readSpec(file, options).spec, options);
      else if (options.types !== false) removeTypes(file, { ...options, types: options.types });
    },
    async written(context, output) {
      const { bundle, gguf } = resolveOptions(given, host.root());
      const folder = bundle ? host.output?.(context, output, loadedForNode) : undefined;
      if (folder === undefined) return;
      const line = await placeInterpreter(folder, gguf);
      if (line !== undefined) host.info(context, line);
    },
  };

  async function loadSpec(context: LoadContext, id: string, options: ResolvedOptions): Promise<GeneratedModule> {
    const file = fileOf(id);
    if (host.isEdge?.(context)) fail(context, edgeReport(file));
    const spec = await read(context, host, file, options);
    declare(spec, options, context);
    const text = readFileSync(file, "utf8"); // now: it may change while the compile runs
    const hot = hotOf(context, options);
    const compiled = await (hot === undefined ? build(context, spec, options) : draft(context, spec, options));
    if (compiled.metadata.compiler.effort !== options.effort) host.forget?.(context);
    const running = { meta: programMeta(compiled.metadata), ...(hot !== undefined && { hot }) };
    const name = `${basename(file, ".paw")}.weights`;
    if (!(await host.isClient(context, id))) {
      loadedForNode = true;
      const inline = options.inline ?? host.movesOutput?.(context) ?? false;
      const weights = inline ? inlined(compiled.weights) : host.weights(context, id, name, compiled);
      return generateModule(spec, text, { ...running, weights });
    }
    const weights = await host.url(context, id, {
      name,
      source: compiled.path ?? compiled.weights,
      get bytes() {
        return compiled.weights;
      },
    });
    const { interpreter } = compiled.metadata;
    if (host.interpreter !== "inline") {
      return generateModule(spec, text, {
        ...running,
        weights,
        interpreter: { module: interpreterModule(interpreter) },
      });
    }
    const { code } = await describeInterpreter(context, id, interpreter, options);
    return generateModule(spec, text, { ...running, weights, interpreter: { code } });
  }

  /** The module that tells client code where the interpreter's files are. */
  async function loadInterpreter(
    context: LoadContext,
    id: string,
    name: InterpreterName,
    options: ResolvedOptions,
  ): Promise<GeneratedModule> {
    const { code } = await describeInterpreter(context, id, name, options);
    return {
      code: `// The interpreter ${name.id}, as all programs of this build share it. Written by unplugin-paw.\nexport default ${code};\n`,
      map: NO_MAP,
    };
  }

  /** An expression that says where the interpreter's files are. */
  async function describeInterpreter(
    context: LoadContext,
    id: string,
    name: InterpreterName,
    { gguf, interpreterUrl: url }: ResolvedOptions,
  ): Promise<{ code: string }> {
    const { code, files } = await followed(context, name.id, (following) =>
      generateInterpreter(name, {
        emit: (asset) => host.url(context, id, asset),
        ...(gguf !== undefined && { gguf }),
        ...(url !== undefined && { url }),
        ...following,
      }),
    );
    if (url !== undefined) host.info(context, `paw ${name.id}  expected below ${url}: ${files.join(", ")}`);
    return { code };
  }

  /** Shows how far long work is, and ends the load with what goes wrong in it. */
  async function followed<T>(
    context: LoadContext,
    file: string,
    work: (following: { onProgress?: (event: CompileProgress) => void }) => Promise<T>,
  ): Promise<T> {
    const working = work(host.quiet() ? {} : { onProgress: (event) => progress.update(file, event) });
    return await working.finally(progress.clear).catch((error) => fail(context, compileReport(error, file)));
  }

  /** Present where a developer edits. */
  function hotOf(context: LoadContext, { frozen }: ResolvedOptions): string | undefined {
    return development?.drafts(context) && !frozen ? development.hot : undefined;
  }

  /** The program that a developer gets at once. */
  async function draft(context: LoadContext, spec: Spec, resolved: ResolvedOptions): Promise<Compiled> {
    const options = {
      ...compileOptions(resolved),
      draftCache: defaultCache(resolved.root),
      onWarning: (message: string) => development?.warn(message),
    };
    return await (drafts as Drafts).program(spec, options).catch((error) => {
      return fail(context, compileReport(error, spec.id));
    });
  }

  /** The spec's program; the log tells of it once, however many environments load the spec. */
  async function build(context: LoadContext, spec: Spec, resolved: ResolvedOptions): Promise<Compiled> {
    const compiling = followed(context, spec.id, (following) =>
      compile(spec, {
        ...compileOptions(resolved),
        onWarning: (message) => warn(context, { message }),
        ...following,
      }),
    );
    const compiled = await (host.hurry?.(context, spec.id, compiling) ?? compiling);
    if (!compiled.cached && !announced.has(compiled.weights)) {
      announced.add(compiled.weights);
      host.info(context, compiledLine(spec.id, compiled));
    }
    return compiled;
  }
}

/** Reads the spec, watches what it reads (also when it is wrong: the fix may be made there) and reports what is wrong with it. */
async function read(context: LoadContext, host: Host, file: string, options: ResolvedOptions): Promise<Spec> {
  const { spec, diagnostics, dataFiles } = await readSaved(file, options);
  if (!host.watchesModules(context)) context.addWatchFile(file);
  for (const path of dataFiles) context.addWatchFile(path);
  host.development?.reads(file, dataFiles);
  for (const diagnostic of diagnostics)
    if (diagnostic.severity === "warning") warn(context, diagnosticsReport([diagnostic]));
  return spec ?? fail(context, diagnosticsReport(diagnostics.filter(({ severity }) => severity === "error")));
}

/**
 * An editor empties a file before it writes it, and watchers tell of the former only: what is wrong and was changed just now is read again
 * once it stays as it is.
 */
async function readSaved(file: string, options: ResolvedOptions): Promise<ReturnType<typeof readSpec>> {
  for (;;) {
    const result = readSpec(file, options);
    const changed = lastChange([file, ...result.dataFiles]);
    if (result.spec || Date.now() - changed > 10 * SAVING) return result;
    await setTimeout(SAVING);
    if (lastChange([file, ...result.dataFiles]) === changed) return result;
  }
}

function lastChange(files: readonly string[]): number {
  return Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

/** Types come from parsing alone, so they do not wait for the compile. A project that cannot be written still builds. */
function declare(spec: Spec | undefined, { root, types }: ResolvedOptions, context?: LoadContext): void {
  if (!spec || types === false) return;
  try {
    writeTypes(spec, { root, types });
  } catch (error) {
    context?.warn(`The type declarations of ${spec.id} cannot be written: ${(error as Error).message}`);
  }
}
