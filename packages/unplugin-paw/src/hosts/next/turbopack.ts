import { createHash } from "node:crypto";
import { copyFileSync, existsSync, linkSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writeWholeSync } from "@unplugin-paw/disk";
import { type Report, withFrame } from "../../reports.ts";
import { type Asset, type Host, inlined } from "../host.ts";

/** Folder of the project, below `public`, of what browsers fetch. */
export const PUBLIC = "_paw";

const IGNORE = ".gitignore";

/** What a loader of Turbopack's is for. */
export interface TurbopackTarget {
  /** The project's root. */
  root: string;
  client: boolean;
  /** What Next.js puts before the paths of its pages and public files. */
  basePath: string;
}

/**
 * Turbopack, whose loaders cannot emit files, and whose builds find no file that is made while they run. So what
 * browsers fetch is put below `public`. Servers have programs in their code, since Next.js bundles and moves it.
 */
export function turbopackHost({ root, client, basePath }: TurbopackTarget): Host {
  return {
    root: () => root,
    watchesModules: () => true,
    info: (_context, message) => void process.stderr.write(`${message}\n`),
    warn: (context, report) => (context as unknown as { warn(error: Error): void }).warn(shownError(report)),
    error(_context, report) {
      throw shownError(report);
    },
    quiet: () => false,
    isClient: () => client,
    weights: (_context, _id, _name, { weights }) => inlined(weights),
    interpreter: "inline",
    async url(context, _id, asset) {
      const files = join(root, "public", PUBLIC);
      const path = place(asset, files);
      // A module from a cache is loaded again where the files have gone. (One small file stands for them: Turbopack
      // reads what it watches.)
      context.addWatchFile(join(files, IGNORE));
      const folder = basename(dirname(path));
      return JSON.stringify(`${basePath}/${PUBLIC}/${folder}/${encodeURIComponent(asset.name)}`);
    },
  };
}

/** An error as Next.js shows it. (A stack would only show how a bundler calls a loader.) */
export function shownError(report: Report): Error {
  return Object.assign(new Error(withFrame(report)), { stack: "" });
}

/** A public file with the asset's content; its path changes with the content, so that browsers may keep it for ever. */
function place({ name, source }: Asset, folder: string): string {
  const ignore = join(folder, IGNORE);
  if (!existsSync(ignore)) writeWholeSync(ignore, "*\n");
  const path = join(folder, identity(source), name);
  if (!existsSync(path)) {
    // (Several processes of Turbopack's may load at once.)
    writeWholeSync(path, typeof source === "string" ? (partial) => share(source, partial) : source);
  }
  return path;
}

function identity(source: Asset["source"]): string {
  const hash = createHash("sha256");
  const small = typeof source !== "string" || statSync(source).size < 2 ** 23;
  if (small)
    return hash
      .update(typeof source === "string" ? readFileSync(source) : source)
      .digest("hex")
      .slice(0, 16);
  // Files of the interpreter's: their folders and names have digests.
  const { size, mtimeMs } = statSync(source as string);
  return hash.update(`${source} ${size} ${mtimeMs}`).digest("hex").slice(0, 16);
}

/** A second 100 MB costs nothing on the same disk. */
function share(source: string, path: string): void {
  try {
    linkSync(source, path);
  } catch {
    copyFileSync(source, path);
  }
}
