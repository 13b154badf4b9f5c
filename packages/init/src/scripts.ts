import type { Manifest } from "./manifest.ts";

/** What lets Node import specs without a bundler. */
export const REGISTER = "--import unplugin-paw/register";

/** Scripts that run the app or its tests; those that build need no specs. */
const RUNNING = /^(?:start|dev|serve|watch|test)(?::|$)/;

/** A command that calls Node or tsx, up to where its flags go; after what is imported already, such as tsx. */
const CALL = /^(\s*(?:cross-env\s+)?(?:\w+=\S+\s+)*(?:node|tsx)(?:\s+watch(?=\s))?(?:\s+--import[= ]\S+)*)(?=\s)/;

/**
 * The scripts of a package that run Node or tsx on sources, with the hooks that load specs.
 *
 * @returns all such scripts, those that have the hooks already as they are; empty where there is none
 */
export function registered({ scripts = {} }: Manifest): Record<string, string> {
  const found = Object.entries(scripts).flatMap(([name, command]) => {
    const parts = command.split(/(&&|\|\||;)/);
    if (!RUNNING.test(name) || !parts.some((part) => CALL.test(part))) return [];
    const edited = parts.map((part) => (part.includes(REGISTER) ? part : part.replace(CALL, `$1 ${REGISTER}`)));
    return [[name, edited.join("")] as const];
  });
  return Object.fromEntries(found);
}
