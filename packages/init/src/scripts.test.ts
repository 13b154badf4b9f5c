import { expect, test } from "vitest";
import { registered } from "./scripts.ts";

test.each([
  ["node server.js", "node --import unplugin-paw/register server.js"],
  ["node --watch src/main.ts", "node --import unplugin-paw/register --watch src/main.ts"],
  ["node --import tsx src/main.ts", "node --import tsx --import unplugin-paw/register src/main.ts"],
  ["tsx src/main.ts", "tsx --import unplugin-paw/register src/main.ts"],
  ["tsx watch src/main.ts", "tsx watch --import unplugin-paw/register src/main.ts"],
  ["NODE_ENV=production node .", "NODE_ENV=production node --import unplugin-paw/register ."],
  ["tsc && node dist/main.js", "tsc && node --import unplugin-paw/register dist/main.js"],
  ["node --test", "node --import unplugin-paw/register --test"],
  ["node --import unplugin-paw/register a.js", "node --import unplugin-paw/register a.js"],
])("%s", (command, expected) => {
  expect(registered({ scripts: { start: command } })).toEqual({ start: expected });
});

test("other scripts stay", () => {
  expect(registered({ scripts: { build: "node build.js", start: "next start", dev: "nodemon a.js" } })).toEqual({});
  expect(registered({})).toEqual({});
});
