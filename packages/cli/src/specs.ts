import { globSync } from "tinyglobby";

/** Every spec under a folder, as paths relative to it. */
export function findSpecs(cwd: string = process.cwd()): string[] {
  const ignore = ["**/node_modules/**", "**/dist/**", "**/.git/**"];
  return globSync("**/*.paw", { cwd, ignore, followSymbolicLinks: false }).sort();
}
