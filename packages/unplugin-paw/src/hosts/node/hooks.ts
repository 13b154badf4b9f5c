/**
 * Node's module hook for specs. It answers at once, as `module.registerHooks` wants it; `module.register` takes that,
 * too.
 */
import { fileURLToPath } from "node:url";
import { SPEC } from "../../ids.ts";
import { loadSpec } from "./thread.ts";

interface Loaded {
  format: string;
  source: string;
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
