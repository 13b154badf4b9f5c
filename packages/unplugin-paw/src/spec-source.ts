import { statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { ParseResult, Spec } from "@unplugin-paw/spec";
import { removeTypes, writeTypes } from "@unplugin-paw/spec/sidecar";
import type { Build } from "./build.ts";
import type { LoadContext } from "./hosts/host.ts";
import { fileOf, SPEC } from "./ids.ts";
import type { ResolvedOptions } from "./options.ts";
import { diagnosticsReport, fail } from "./reports.ts";

/** The time that an editor may take to save a file, milliseconds. */
const SAVING = 100;

/**
 * Reads a spec, watches the files that it reads (also when it is wrong: the fix may be made there) and writes its
 * declarations.
 *
 * @throws {LoadError} what is wrong with it
 */
export async function readSource(build: Build, context: LoadContext, file: string): Promise<Spec> {
  const { host, options } = build;
  const { spec, diagnostics, dataFiles } = await readSaved(file, options);
  if (!host.watchesModules(context)) context.addWatchFile(file);
  for (const path of dataFiles) context.addWatchFile(path);
  host.drafts?.development.reads(file, dataFiles);
  for (const diagnostic of diagnostics)
    if (diagnostic.severity === "warning") host.warn(context, diagnosticsReport([diagnostic]));
  if (!spec) fail(diagnosticsReport(diagnostics.filter(({ severity }) => severity === "error")));
  declare(spec, options, (message) => host.warn(context, { message }));
  return spec;
}

/** After a change of a file: ends the training of what it said, and has editors see a changed signature at once. */
export async function followEdit(build: Build, id: string, deleted: boolean): Promise<void> {
  const file = fileOf(id);
  build.host.drafts?.development.edited(file);
  if (!SPEC.test(id)) return;
  const { options } = build;
  const { types } = options;
  if (!deleted) declare((await readSaved(file, options)).spec, options);
  else if (types !== false) removeTypes(file, { ...options, types });
}

/**
 * Types come from parsing alone, so they do not wait for the compile. A project that cannot be written still builds.
 */
function declare(
  spec: Spec | undefined,
  { root, types }: ResolvedOptions,
  warn: (message: string) => void = () => {},
): void {
  if (!spec || types === false) return;
  try {
    writeTypes(spec, { root, types });
  } catch (error) {
    warn(`The type declarations of ${spec.id} cannot be written: ${(error as Error).message}`);
  }
}

/**
 * An editor empties a file before it writes it, and watchers report the former only: what is wrong and was changed just
 * now is read again once it stays as it is.
 */
async function readSaved(file: string, options: ResolvedOptions): Promise<ParseResult> {
  // The parser takes longer to load than the plugin, which many processes load that meet no spec.
  const { readSpec } = await import("@unplugin-paw/spec");
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
