import { SourceMap } from "node:module";
import type { ProgramMeta } from "@unplugin-paw/runtime";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { expect, test } from "vitest";
import { type GeneratedModule, generateModule, NO_MAP, type Running } from "./codegen.ts";

const WEIGHTS = 'new URL("file:///x.weights")';

function generate(text: string, more: Partial<Running> = {}, id = "src/tone.paw"): GeneratedModule {
  const spec = parseSpec(text, id).spec as Spec;
  const meta: ProgramMeta = {
    name: spec.name,
    interpreter: { id: "small", digest: "00" },
    contract: spec.contract,
    tests: { passed: 1, total: 2, accuracy: 0.5 },
  };
  return generateModule(spec, text, { meta, weights: WEIGHTS, ...more });
}

test("the module of a spec", () => {
  const { code } = generate("---\nreturns: [polite, rude]\n---\nSay whether it is polite.\n\nMore.\n");
  expect(code).toMatchInlineSnapshot(`
    "// Compiled by unplugin-paw from tone.paw.
    import { program } from "@unplugin-paw/runtime";

    export const meta = {
      name: "tone",
      interpreter: {"id":"small","digest":"00"},
      contract: {"input":{"kind":"string"},"output":{"kind":"labels","labels":[
        "polite", "rude"
      ]}},
      tests: {"passed":1,"total":2,"accuracy":0.5},
    };

    /** Say whether it is polite. */
    export default /*#__PURE__*/ program(() => new URL("file:///x.weights"), meta);
    "
  `);
});

test("for a browser it also names the module of the interpreter", () => {
  const interpreter = { module: "/paw/interpreter.js?paw-interpreter=small" };
  const { code } = generate("---\nreturns: string\n---\nSay it again.\n", { interpreter });
  expect(code.split("\n").slice(1, 3)).toEqual([
    'import { program } from "@unplugin-paw/runtime";',
    'import interpreter from "/paw/interpreter.js?paw-interpreter=small";',
  ]);
  expect(code).toContain(`program(${WEIGHTS}, meta, interpreter);`);
});

test("in development it takes its own updates, and the function outlives them", () => {
  const { code } = generate("---\nreturns: string\n---\nSay it again.\n", { hot: "import.meta.hot" });
  expect(code.split("\n").slice(1, 3)).toEqual([
    'import { program } from "@unplugin-paw/runtime";',
    'import { swappable } from "@unplugin-paw/runtime/hot";',
  ]);
  expect(code.split("\n").slice(-3)).toEqual([
    `export default swappable(program(${WEIGHTS}, meta), import.meta.hot);`,
    "import.meta.hot?.accept();",
    "",
  ]);
});

test("labels and the summary map to the spec, and the lines between map to nothing", () => {
  const text = '---\ninput: string\nreturns:\n  - "very good"\n  - good\n---\n\nSay how good it is.\n';
  const { code, map } = generate(text);
  const entries = new SourceMap(map as ConstructorParameters<typeof SourceMap>[0]);
  const lines = code.split("\n");
  const origin = (words: string) => {
    const line = lines.findIndex((candidate) => candidate.includes(words));
    const column = (lines[line] as string).indexOf(words);
    const { originalLine, originalColumn } = entries.findEntry(line, column) as {
      originalLine: number;
      originalColumn: number;
    };
    return text.split("\n")[originalLine]?.slice(originalColumn);
  };
  expect(map).toMatchObject({ sources: ["src/tone.paw"], sourcesContent: [text] });
  expect(origin('"very good"')).toBe('very good"');
  expect(origin('"good"')).toBe("good");
  expect(origin("Say how")).toBe("Say how good it is.");
  // Lines of the map are apart by ";": only these two have mappings.
  const mapped = (map as { mappings: string }).mappings.split(";").flatMap((line, i) => (line ? [lines[i]] : []));
  expect(mapped).toEqual(['    "very good", "good"', "/** Say how good it is. */"]);
});

test("a label that is spelt with an escape: no map rather than a wrong one", () => {
  const { code, map } = generate('---\nreturns: ["caf\\u00e9", bar]\n---\nWhere is it?\n');
  expect(code).toContain('"café", "bar"');
  expect(map).toEqual(NO_MAP);
});

test("text in a spec cannot end the comment or the string that it lands in", () => {
  const { code } = generate("---\nreturns: ['a\"; throw 1; \"', b]\n---\n*/ throw 2; /*\n");
  expect(code).not.toContain("throw 2");
  expect(code).toContain('"a\\"; throw 1; \\""');
});

test("a file's name cannot leave the comment that it stands in", () => {
  for (const end of ["\n", "\r", "\u2028", "\u2029", "\r\n"]) {
    const text = "---\nreturns: string\n---\nSay it again.\n";
    const { code } = generate(text, {}, `src/tone${end}globalThis.harmed = true;.paw`);
    expect(code).toMatch(/^\/\/ Compiled by unplugin-paw from tone.*globalThis\.harmed = true;\.paw\.\nimport /);
    expect(code.replaceAll("\n", "")).not.toMatch(/[\r\u2028\u2029]/);
  }
});
