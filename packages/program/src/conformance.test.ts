import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import type { JsonSchema } from "./contract.ts";
import { misfit } from "./validate.ts";

// The applicable part of JSON Schema's own test suite (draft 4: what is tested here has not changed since).
interface Case {
  description: string;
  schema: JsonSchema;
  tests: { description: string; data: unknown; valid: boolean }[];
}

const folder = join(
  dirname(createRequire(import.meta.url).resolve("json-schema-test-suite/package.json")),
  "tests/draft4",
);
const cases = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => (JSON.parse(readFileSync(join(folder, file), "utf8")) as Case[]).map((one) => ({ file, ...one })));
/** Whether the schema's keywords, those of schemas in it included, are ours. */
const isOurs = (schema: JsonSchema) => misfit(null, schema)?.keyword !== "schema";

it("judges values as JSON Schema's test suite does, wherever it understands the schema", () => {
  const wrong: string[] = [];
  let judged = 0;
  for (const { file, description, schema, tests } of cases) {
    for (const test of tests) {
      const found = misfit(test.data, schema);
      if (found?.keyword === "schema" || !isOurs(schema)) continue;
      judged++;
      if ((found === undefined) !== test.valid) wrong.push(`${file}: ${description}: ${test.description}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(judged).toBeGreaterThan(100);
});
