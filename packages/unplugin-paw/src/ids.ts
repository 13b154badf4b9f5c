/** Matches the ids of specs, with a query or without. */
export const SPEC: RegExp = /\.paw(\?|$)/;

/** A module's id without its query. */
export function fileOf(id: string): string {
  return id.replace(/\?.*$/s, "");
}
