import { basename } from "node:path";
import type { ProgramMeta } from "@unplugin-paw/runtime";
import type { Spec } from "@unplugin-paw/spec";
import { printable } from "@unplugin-paw/spec/printable";
import MagicString, { type SourceMap } from "magic-string";
import { RUNTIME } from "../hosts/host.ts";
import type { RuntimeImports } from "./runtime-imports.ts";

export interface GeneratedModule {
  code: string;
  /** Maps what the spec says; the rest has no source, and the map says so. */
  map: SourceMap | typeof NO_MAP;
}

/** The map of code that has no source. (webpack needs `sources`, though there are none.) */
export const NO_MAP: Pick<SourceMap, "version" | "sources" | "names" | "mappings"> = {
  version: 3,
  sources: [],
  names: [],
  mappings: "",
};

/** Generated code, or code that says what stands in the spec at some place. */
type Part = string | { code: string; spec: string };

/** What the module of a spec runs. */
export interface Running {
  meta: ProgramMeta;
  /** A JavaScript expression: the program's URL, or its bytes. For a browser one without side effects. */
  weights: string;
  /** For a browser: id of the module that says where the interpreter's files are, or the expression that says it. */
  interpreter?: { module: string } | { code: string };
  /** What the runtime is imported by. Default: its name. */
  runtime?: RuntimeImports;
  /** In development: the expression that tells a module when it is replaced, such as `import.meta.hot`. */
  hot?: string;
}

/**
 * Writes the module of a spec: the program's metadata and the function, free of side effects (a bundler drops it where
 * nothing uses it) and lazy (nothing is loaded before the first call).
 *
 * @param text the spec's text as it lies on disk
 */
export function generateModule(spec: Spec, text: string, running: Running): GeneratedModule {
  const { name, interpreter, contract, tests } = running.meta;
  const { runtime = { main: RUNTIME, hot: `${RUNTIME}/hot` } } = running;
  const parts: Part[] = [
    `// Compiled by unplugin-paw from ${printable(basename(spec.id))}.\n`,
    `import { program } from ${JSON.stringify(runtime.main)};\n`,
    ...(running.hot === undefined ? [] : [`import { swappable } from ${JSON.stringify(runtime.hot)};\n`]),
    ...interpreterParts(running.interpreter),
    "\nexport const meta = {\n",
    `  name: ${JSON.stringify(name)},\n`,
    `  interpreter: ${JSON.stringify(interpreter)},\n`,
    "  contract: ",
    ...contractParts(contract),
    `,\n  tests: ${JSON.stringify(tests)},\n};\n\n`,
    ...summaryParts(spec),
    ...exportParts(running),
  ];
  return cutFrom(spec.id, text, parts) ?? { code: parts.map(partText).join(""), map: NO_MAP };
}

function interpreterParts(interpreter: Running["interpreter"]): Part[] {
  if (interpreter === undefined) return [];
  if ("module" in interpreter) return [`import interpreter from ${JSON.stringify(interpreter.module)};\n`];
  return [`\nconst interpreter = ${interpreter.code};\n`];
}

/** The contract as JSON; its labels lie on a line of their own, because a mapping reaches to the end of its line. */
function contractParts(contract: ProgramMeta["contract"]): Part[] {
  const json = JSON.stringify(contract);
  if (contract.output.kind !== "labels") return [json];
  const { labels } = contract.output;
  const list = JSON.stringify(labels);
  const start = json.indexOf(list);
  const parts = labels.flatMap((label): Part[] => [", ", { code: JSON.stringify(label), spec: label }]);
  return [`${json.slice(0, start)}[\n    `, ...parts.slice(1), `\n  ]${json.slice(start + list.length)}`];
}

/** The first line of the instructions as a comment on the function. */
function summaryParts({ instructions }: Spec): Part[] {
  const line = instructions.split("\n", 1)[0] as string;
  return line === "" || line.includes("*/") ? [] : ["/** ", { code: line, spec: line }, " */\n"];
}

/**
 * On a server the first call asks for the program: its URL may be what another bundler made of it, and must not end the
 * import of all that is in the same file. In development the function stays when the module is replaced, and with it
 * all that imported it; the URL is asked for at once there, because a module that was replaced cannot be asked any
 * more.
 */
function exportParts({ weights, interpreter, hot }: Running): Part[] {
  const lazy = hot === undefined ? `() => ${weights}` : weights;
  const run = interpreter === undefined ? `program(${lazy}, meta)` : `program(${weights}, meta, interpreter)`;
  if (hot === undefined) return [`export default /*#__PURE__*/ ${run};\n`];
  return [`export default swappable(${run}, ${hot});\n${hot}?.accept();\n`];
}

function partText(part: Part): string {
  return typeof part === "string" ? part : part.code;
}

/**
 * Cuts the module out of the spec's text, so that what the spec says keeps its place in the map. Undefined where there
 * is nothing of the kind, or where it is spelt otherwise in the spec (with YAML escapes).
 */
function cutFrom(id: string, text: string, parts: readonly Part[]): GeneratedModule | undefined {
  const module = new MagicString(text);
  let from = text.match(/^returns[ \t]*:/m)?.index ?? 0; // all of it follows this, in this order
  let end = 0;
  let code = "";
  for (const part of parts) {
    if (typeof part === "string") {
      code += part;
      continue;
    }
    const start = text.indexOf(part.spec, from);
    if (start < 0) return undefined;
    if (start > end) module.remove(end, start);
    from = end = start + part.spec.length;
    if (part.code !== part.spec) module.update(start, end, part.code);
    module.prependRight(start, code);
    code = "";
  }
  if (end === 0) return undefined;
  if (end < text.length) module.remove(end, text.length);
  module.append(code);
  return { code: module.toString(), map: module.generateMap({ source: id, includeContent: true, hires: "boundary" }) };
}
