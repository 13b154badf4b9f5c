import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = process.env.PYTHON ?? "python3";
const folder = mkdtempSync(join(tmpdir(), "paw-spark-"));
afterAll(() => rmSync(folder, { recursive: true }));

// `paw` is on the PATH, as where it is installed.
symlinkSync(join(root, "packages/cli/bin/paw.js"), join(folder, "paw"));
const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

test("a Spark job over 8 partitions writes what paw map writes", () => {
  const needs = "npm run test:spark needs Java 17 and a Python with pyspark: pip install pyspark (PYTHON=its path)";
  expect(spawnSync(python, ["-c", "import pyspark"]).status, needs).toBe(0);
  writeFileSync(join(folder, "mood.paw"), "---\nreturns: [good, bad]\n---\nIs the mood of the text good or bad?\n");
  const words = ["Lovely", "Horrible", "Sunny", "Rainy", "Cheerful", "Gloomy"];
  const lines = Array.from({ length: 600 }, (_, i) => JSON.stringify(`${words[i % 6]} day ${i}, isn't it? ☀`));
  // A line that fails is an answer, too.
  lines[77] = JSON.stringify("word ".repeat(9000));
  writeFileSync(join(folder, "in.jsonl"), lines.map((line) => `${line}\n`).join(""));
  run("paw", "compile", "mood.paw", "--effort", "draft");
  spawnSync("paw", ["map", "mood.weights", "--in", "in.jsonl", "--out", "alone.jsonl"], { cwd: folder, env });

  run(python, join(root, "playground/spark/job.py"), "mood.weights", "in.jsonl", "answers", "8");
  const parts = readdirSync(join(folder, "answers"))
    .filter((name) => name.startsWith("part-"))
    .sort();
  expect(parts.length).toBeGreaterThanOrEqual(8);
  const together = parts.map((name) => readFileSync(join(folder, "answers", name), "utf8")).join("");
  expect(together.trimEnd().split("\n")).toHaveLength(lines.length);
  expect(together).toBe(readFileSync(join(folder, "alone.jsonl"), "utf8"));
});
