import { pathToFileURL } from "node:url";
import { withFrame } from "../../reports.ts";
import { type Host, inlined } from "../host.ts";

/**
 * Node itself, without a bundler: a program stays where it is in the cache.
 *
 * @param note gets the lines that the user should see
 */
export function nodeHost(note: (line: string) => void): Host {
  return {
    root: () => process.cwd(),
    watchesModules: () => true,
    info: (_context, message) => note(message),
    warn: (_context, report) => note(withFrame(report)),
    error(_context, report) {
      throw new Error(withFrame(report));
    },
    quiet: () => false,
    isClient: () => false,
    runsInPlace: () => true,
    weights(_context, _id, _name, { path, weights }) {
      if (path === undefined) return inlined(weights); // a cache that could not be written is no reason to fail
      return `/*#__PURE__*/ new URL(${JSON.stringify(pathToFileURL(path).href)})`;
    },
    // (Only client code asks for one.)
    url: () => Promise.reject(new Error("unplugin-paw: there is no browser here.")),
  };
}
