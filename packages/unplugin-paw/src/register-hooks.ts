/** Node's module hooks for specs. They answer at once, as `module.registerHooks` wants it; `module.register` takes that, too. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { RUNTIME } from "./asset/host.ts";
import { findRuntime } from "./asset/runtime.ts";
import { SPEC } from "./ids.ts";
import { loadSpec } from "./register-load.ts";

interface Loaded {
  format: string;
  source: string;
  shortCircuit: true;
}

interface Resolved {
  url: string;
  format: string;
  shortCircuit: true;
}

/** The module of a spec. */
export function load<Next>(
  url: string,
  context: object,
  nextLoad: (url: string, context: object) => Next,
): Loaded | Next {
  if (!url.startsWith("file:") || !SPEC.test(url)) return nextLoad(url, context);
  return { format: "module", source: loadSpec(fileURLToPath(url)), shortCircuit: true };
}

/** The runtime of a spec in a linked package, which may not have it itself. */
export function resolve<Next>(
  specifier: string,
  context: { parentURL?: string },
  nextResolve: (specifier: string, context: object) => Next,
): Resolved | Next {
  const { parentURL } = context;
  if (specifier !== RUNTIME || !parentURL?.startsWith("file:") || !SPEC.test(parentURL)) {
    return nextResolve(specifier, context);
  }
  const path = findRuntime(fileURLToPath(parentURL), process.cwd());
  return { url: pathToFileURL(path).href, format: "module", shortCircuit: true };
}
