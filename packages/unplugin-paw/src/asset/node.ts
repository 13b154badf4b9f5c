import { pathToFileURL } from "node:url";
import { type Host, inlined } from "./host.ts";

/** Node itself, without a bundler: a program stays where it is in the cache. */
export function nodeHost(): { host: Host; hooks: object } {
  const host: Host = {
    root: () => process.cwd(),
    watchesModules: () => true,
    info: (context, message) => (context as unknown as { info(message: string): void }).info(message),
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
  return { host, hooks: {} };
}
