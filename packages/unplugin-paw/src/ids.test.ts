import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { interpreterModule, interpreterOf } from "./ids.ts";

test("a module's id says which interpreter, also after a bundler has added to it", () => {
  const name = { id: "small & quick", digest: "c0ffee" };
  const id = interpreterModule(name);
  expect(interpreterOf(id)).toEqual(name);
  expect(interpreterOf(`${id}&v=123`)).toEqual(name);
});

test("other modules are none", () => {
  for (const id of ["/src/interpreter.js", "/src/interpreter.js?v=1", "/src/main.js?paw-interpreter=small&digest=1"]) {
    expect(interpreterOf(id)).toBeUndefined();
  }
});

test("the id is that of a file, which says what is wrong where it is loaded without the plugin", () => {
  const path = interpreterModule({ id: "small", digest: "c0ffee" }).split("?")[0] as string;
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, "utf8")).toContain("runs without unplugin-paw");
});
