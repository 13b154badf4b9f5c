import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonText } from "./json-text.ts";

test("members go where the alphabet wants them, in the style that is there", () => {
  const json = new JsonText(
    '{\n    "name": "x",\n    "dependencies": {\n        "b": "1",\n        "d": "1"\n    }\n}\n',
  );
  json.add("dependencies", { a: "2", c: "2", e: "2" }, "sorted");
  json.add("scripts", { check: "true" });
  json.add("devDependencies", { f: "2" }, "sorted");
  expect(json.toString()).toMatchInlineSnapshot(`
    "{
        "name": "x",
        "dependencies": {
            "a": "2",
            "b": "1",
            "c": "2",
            "d": "1",
            "e": "2"
        },
        "scripts": {
            "check": "true"
        },
        "devDependencies": {
            "f": "2"
        }
    }
    "
  `);
});

test("an empty object, one line, and a trailing comma", () => {
  const added = (text: string) => {
    const json = new JsonText(text);
    json.add("a", { x: 1, y: [true] });
    json.add("b", { z: 1 });
    return json.toString();
  };
  expect(added("{}")).toBe('{\n  "a": {\n    "x": 1,\n    "y": [true]\n  },\n  "b": {\n    "z": 1\n  }\n}');
  expect(added('{ "a": { "w": 0 }, "b": {} }')).toBe('{ "a": { "w": 0, "x": 1, "y": [true] }, "b": {\n  "z": 1\n} }');
  expect(added('{\n\t"a": {\n\t\t"w": 0, // last\n\t},\n\t"b": {\n\t\t/* none */\n\t},\n}')).toBe(
    '{\n\t"a": {\n\t\t"w": 0, // last\n\t\t"x": 1,\n\t\t"y": [true],\n\t},\n\t"b": {"z": 1,\n\t\t/* none */\n\t},\n}',
  );
});

test("whatever the text and its white space, the rest keeps its values", () => {
  const value = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
  const space = fc.constantFrom(undefined, 0, 1, 2, "\t");
  fc.assert(
    fc.property(value, value, value, space, (root, inner, more, indent) => {
      const { members: _, ...rest } = root;
      const json = new JsonText(JSON.stringify({ ...rest, members: inner }, null, indent));
      const added = Object.fromEntries(Object.entries(more).filter(([key]) => !Object.hasOwn(inner, key)));
      json.add("members", added, "sorted");
      const expected = JSON.stringify({ ...rest, members: { ...inner, ...added } });
      const sorted = (text: string) => JSON.stringify(Object.entries(JSON.parse(text).members).sort());
      expect(sorted(json.toString())).toBe(sorted(expected));
      const others = (text: string) => JSON.stringify({ ...JSON.parse(text), members: 0 });
      expect(others(json.toString())).toBe(others(expected));
    }),
    { numRuns: 300, seed: 20261125 },
  );
});
