import type { Compiled } from "@unplugin-paw/compiler";
import type { Spec } from "@unplugin-paw/spec";
import { terminalProgress } from "../log.ts";
import { type DraftOptions, Drafts, type Listener } from "./drafts.ts";

/** What development asks of a dev server, or of a bundler that watches. */
export interface DevelopmentHost extends Omit<Listener, "progress"> {
  /** True where the user asked for silence: progress is not shown then. */
  quiet(): boolean;
}

/**
 * The specs of a developer who edits. A host reports what is read and what changes, asks which specs a change concerns,
 * and is asked to load specs again. Nothing here knows a bundler.
 */
export class Development {
  readonly #drafts: Drafts;
  /** The specs that read a data file. */
  readonly #readers = new Map<string, Set<string>>();

  constructor(host: DevelopmentHost) {
    const progress = terminalProgress();
    this.#drafts = new Drafts({
      reload: (spec) => host.reload(spec),
      info: (message) => host.info(message),
      warn: (message) => host.warn(message),
      progress: () => (host.quiet() ? undefined : progress),
    });
  }

  /**
   * The program that a spec answers with now; training follows.
   *
   * @throws what `compile` throws
   */
  async program(spec: Spec, options: DraftOptions): Promise<Compiled> {
    return await this.#drafts.program(spec, options);
  }

  /** Notes which data files a spec reads; of a spec with an error, too: the fix may be made there. */
  reads(spec: string, dataFiles: readonly string[]): void {
    for (const specs of this.#readers.values()) specs.delete(spec);
    for (const path of dataFiles.map(slashed))
      this.#readers.set(path, (this.#readers.get(path) ?? new Set()).add(spec));
  }

  /** The specs that a file belongs to: itself, and those that read it. */
  specsOf(file: string): string[] {
    return [file, ...(this.#readers.get(slashed(file)) ?? [])];
  }

  /** A file was changed or removed: training what it said is in vain. */
  edited(file: string): void {
    this.#drafts.edited(file);
  }

  /** Nobody edits any more: ends the training, and removes what is kept only for as long as the server runs. */
  close(): void {
    this.#drafts.close();
  }
}

/** A path as bundlers write it, on every system. */
function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}
