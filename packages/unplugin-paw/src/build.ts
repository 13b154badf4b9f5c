import type { CompileProgress } from "@unplugin-paw/compiler";
import type { Host, LoadContext } from "./hosts/host.ts";
import { terminalProgress } from "./log.ts";
import { checkOptions, type Options, type ResolvedOptions, resolveOptions } from "./options.ts";
import { compileReport, fail, LoadError } from "./reports.ts";

/** One use of the plugin: what its hooks share. */
export class Build {
  readonly host: Host;
  readonly #given: Options;
  readonly #progress = terminalProgress();
  #resolved: { root: string; options: ResolvedOptions } | undefined;
  /** Whether a spec was loaded for Node. */
  loadedForNode = false;

  /** @throws {Error} an option is wrong */
  constructor(given: Options, host: Host) {
    checkOptions(given);
    this.#given = given;
    this.host = host;
  }

  /**
   * The options with their defaults; to be read when the build has started, since paths start from the bundler's root.
   */
  get options(): ResolvedOptions {
    const root = this.host.root();
    if (this.#resolved?.root !== root) this.#resolved = { root, options: resolveOptions(this.#given, root) };
    return this.#resolved.options;
  }

  /**
   * The expression that tells a module when it is replaced; undefined unless a load is for a developer who edits, who
   * gets a draft.
   */
  hot(context: LoadContext): string | undefined {
    const { drafts } = this.host;
    return drafts?.wanted(context) && !this.options.frozen ? drafts.hot : undefined;
  }

  /**
   * Shows the progress of long work.
   *
   * @param file the file that the work is for; errors name it
   * @throws {LoadError} the work failed
   */
  async follow<T>(
    file: string,
    work: (following: { onProgress?: (event: CompileProgress) => void }) => Promise<T>,
  ): Promise<T> {
    const progress = this.#progress;
    const working = work(this.host.quiet() ? {} : { onProgress: (event) => progress.update(file, event) });
    return await working.finally(progress.clear).catch((error) => {
      if (error instanceof LoadError) throw error;
      return fail(compileReport(error, file));
    });
  }
}
