export { type Entry, type Manifest, parseManifest, type TestResult } from "./entry.ts";
export { DamagedEntry, MissingProgram, RemoteError } from "./errors.ts";
export { type CachedEntry, defaultCache, entryFolder, readEntry, readManifests, writeEntry } from "./folder.ts";
export { type FrozenOptions, interpreterOfEntry, takeFrozen } from "./missing.ts";
export { type Obtained, type ObtainOptions, obtain } from "./obtain.ts";
export { type Effort, efforts, type Maker, type Origin, programKey } from "./origin.ts";
export { type Pruned, type PruneOptions, pruneCache } from "./prune.ts";
export { type Remote, remoteOf } from "./remote.ts";
export type { RemoteStorage } from "./remote-store.ts";
