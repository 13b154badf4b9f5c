import { globSync } from "tinyglobby";

/**
 * Every spec under a folder, as sorted paths relative to it, but those in `node_modules`, `dist` and `.git`.
 *
 * @param folder default: the working folder
 */
export function findSpecs(folder: string = process.cwd()): string[] {
  const ignore = ["**/node_modules/**", "**/dist/**", "**/.git/**"];
  return globSync("**/*.paw", { cwd: folder, ignore, followSymbolicLinks: false }).sort();
}
