import type { Build } from "./build.ts";

/**
 * What all uses of the plugin in this process share: webpack's compilers have one each, and Turbopack loads modules
 * without a build.
 */
export const shared: {
  /** Programs that the log has named, whichever build asked for them. */
  announced: WeakSet<Uint8Array>;
  /** Of Turbopack's loaders: a build for each kind of module and its options. */
  builds: Map<string, Build>;
  /** The folder for temporary files, where the one of the name that everybody can guess belongs to somebody else. */
  ownFolder: string | undefined;
} = { announced: new WeakSet(), builds: new Map(), ownFolder: undefined };
