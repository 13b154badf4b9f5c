import { dirname, extname, resolve } from "node:path";
import { EXTENSIONS, namedBy } from "./data.ts";
import { didYouMean, type Problems, quote } from "./diagnostics.ts";
import { decode } from "./encoding.ts";
import type { SectionName } from "./headings.ts";
import { isInside, projectOf, realPath } from "./project.ts";
import { checkSize, readRegularFile, reason } from "./read.ts";
import { type Place, Source } from "./source.ts";

/** Where data files may lie, and how they are read. */
export interface DataFileOptions {
  /** Reads a data file by its absolute path; throws when it cannot. Default: from the disk, up to 50 MB. */
  readFile?: (path: string) => Uint8Array;
  /**
   * Folder of the project, which data files must lie in. Default: that of the package.json nearest to the spec, else
   * the spec's own.
   */
  root?: string;
  /** Data files may lie outside of the project; no message shows their lines. Default: false. */
  allowOutside?: boolean;
}

/** The files that a spec names. */
export class DataFiles {
  readonly paths: string[] = [];
  readonly #id: string;
  readonly #options: DataFileOptions;
  readonly #problems: Problems;
  readonly #sections = new Map<string, SectionName>();

  constructor(id: string, options: DataFileOptions, problems: Problems) {
    this.#id = id;
    this.#options = options;
    this.#problems = problems;
  }

  /** Reads a file that a `from:` names; undefined where that goes wrong. */
  read(from: string, place: Place, section: SectionName): Source | undefined {
    const extension = extname(from).toLowerCase();
    if (!EXTENSIONS.includes(extension)) {
      const hint = didYouMean(extension, EXTENSIONS, "A data file is .csv, .tsv, .jsonl or .json.");
      this.#problems.error("from", place, `Files of the kind ${quote(extension)} cannot be read.`, hint);
      return undefined;
    }
    const located = this.locate(from, place);
    if (!located) return undefined;
    const { path, real, isOutside } = located;
    const before = this.#sections.get(path);
    if (before !== undefined) {
      const hint =
        before === section ? "Remove this line." : "Examples and tests must be different pairs: split the file in two.";
      this.#problems.error(
        "from",
        place,
        `This file is already read under \`## ${before === "tests" ? "Tests" : "Examples"}\`.`,
        hint,
      );
      return undefined;
    }
    this.#sections.set(path, section);
    this.paths.push(path);
    let bytes: Uint8Array;
    try {
      bytes = (this.#options.readFile ?? readRegularFile)(real);
      checkSize(bytes.length);
    } catch (error) {
      const comment = / #/.test(from)
        ? " (List items have no comments: what stands behind # belongs to the path.)"
        : "";
      const hint = `The path is relative to the spec's folder: ${path.slice(0, 300)}${comment}`;
      this.#problems.error("from", place, `The data file ${quote(from)} cannot be read: ${reason(error)}.`, hint);
      return undefined;
    }
    const source = decode(bytes, path, "data", isOutside);
    if (source instanceof Source) return source;
    this.#problems.add({ ...source, message: `${source.message} ${namedBy(place)}` });
    return undefined;
  }

  /** Where a file lies that a spec names; undefined where it may not lie there. */
  locate(from: string, place: Place): { path: string; real: string; isOutside: boolean } | undefined {
    const { readFile, root, allowOutside = false } = this.#options;
    const path = resolve(dirname(this.#id), from);
    const project = projectOf(this.#id, root);
    // A file of another file system has no links.
    const real = readFile ? path : realPath(path);
    const isOutside = !isInside(project, path) || (!readFile && !isInside(realPath(project), real));
    if (!isOutside || allowOutside) return { path, real, isOutside };
    const hint = `Move it into ${project}, or allow it: \`paw({ allowOutside: true })\`, on the command line --allow-outside.`;
    this.#problems.error("from-outside", place, `The data file ${quote(from)} lies outside of the project.`, hint);
    return undefined;
  }
}
