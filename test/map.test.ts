import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

// The built command, as users run it, on the real model. `npm test` builds first.
const bin = fileURLToPath(new URL("../packages/cli/bin/paw.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "paw-map-"));
const at = (name: string) => join(folder, name);
const write = (name: string, content: string) => writeFileSync(at(name), content);

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd: folder });
}

async function paw(args: string[], input = ""): Promise<Result> {
  const child = start(...args);
  child.stdin?.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout as never),
    text(child.stderr as never),
    once(child, "exit"),
  ]);
  return { code, stdout, stderr };
}

const linesOf = (content: string) =>
  content
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const words = ["Lovely", "Horrible", "Sunny", "Rainy", "Cheerful", "Gloomy"];
const inputs = Array.from({ length: 500 }, (_, i) => `${words[i % words.length]} day ${i}`);
const jsonl = inputs.map((input) => `${JSON.stringify(input)}\n`).join("");

beforeAll(async () => {
  write("mood.paw", "---\nreturns: [good, bad]\n---\nIs the mood of the text good or bad?\n");
  write("order.paw", "---\ninput:\n  title: string\n  stars?: number\nreturns: boolean\n---\nIs it praise?\n");
  for (const name of ["mood", "order"]) {
    expect((await paw(["compile", `${name}.paw`, "--effort", "draft"])).code).toBe(0);
  }
  write("inputs.jsonl", jsonl);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("paw map", () => {
  test("a run that is killed goes on where it was: every line once, in order, as without a kill", async () => {
    const args = ["map", "mood.weights", "--in", "inputs.jsonl", "--out", "killed.jsonl"];
    const child = start(...args);
    await vi.waitFor(() => expect(existsSync(at("killed.jsonl.parts/000001.jsonl"))).toBe(true), {
      timeout: 120_000,
      interval: 10,
    });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(at("killed.jsonl"))).toBe(false);
    const again = await paw(args);
    expect(again).toMatchObject({ code: 0, stdout: "" });
    expect(again.stderr).toContain("400 lines are there from an earlier run");
    expect(again.stderr).not.toContain("MaxListeners");
    const found = linesOf(readFileSync(at("killed.jsonl"), "utf8"));
    expect(found.map(({ input }) => input)).toEqual(inputs);
    for (const { output } of found) expect(["good", "bad"]).toContain(output);
    expect(readdirSync(folder)).not.toContain("killed.jsonl.parts");

    const filter = await paw(["map", "mood.weights"], jsonl);
    expect(filter.code).toBe(0);
    expect(filter.stdout).toBe(readFileSync(at("killed.jsonl"), "utf8"));
  });

  test("two workers and two shards have the same lines", async () => {
    const some = inputs.slice(0, 40);
    write("some.jsonl", some.map((input) => `${JSON.stringify({ input, id: 1 })}\n`).join(""));
    const whole = await paw(["map", "mood.weights", "--in", "some.jsonl", "--workers", "2"]);
    expect(linesOf(whole.stdout).map(({ input }) => input)).toEqual(some);
    const shards = await Promise.all(
      ["1/2", "2/2"].map((shard) =>
        paw(["map", "mood.paw", "--effort", "draft", "--in", "some.jsonl", "--shard", shard]),
      ),
    );
    const [odd = [], even = []] = shards.map(({ stdout }) => stdout.trimEnd().split("\n"));
    expect(odd.flatMap((line, i) => [line, even[i]]).join("\n")).toBe(whole.stdout.trimEnd());
  });

  test("what fails is its line's error; the others are answered", async () => {
    const rows = ['"fine"', "{", "7", '{"text":"no input"}', '""', JSON.stringify("word ".repeat(9000)), '"good"'];
    const { code, stdout, stderr } = await paw(["map", "mood.weights"], `${rows.join("\n\n")}\n`);
    const found = linesOf(stdout);
    expect(found.map(({ error }) => error?.code)).toEqual([
      undefined,
      "json",
      "json",
      "json",
      undefined,
      "INPUT_TOO_LONG",
      undefined,
    ]);
    expect(found[1].error.message).toContain("line 3: not JSON");
    expect(code).toBe(0);
    expect(stderr).toContain("7 lines");
    expect(stderr).toContain("4 of them failed");
  });

  test("reads tables: a column, or the fields of an object; empty cells of optional fields are none", async () => {
    write("mails.csv", 'id,body\n1,"Lovely, ""sunny"" day"\n2,Horrible\n');
    const csv = await paw(["map", "mood.weights", "--in", "mails.csv", "--column", "body"]);
    expect(linesOf(csv.stdout).map(({ input }) => input)).toEqual(['Lovely, "sunny" day', "Horrible"]);
    write("orders.csv", "title,stars,more\nGreat,5,x\nAwful,,y\n");
    const object = await paw(["map", "order.weights", "--in", "orders.csv"]);
    expect(linesOf(object.stdout).map(({ input }) => input)).toEqual([
      { title: "Great", stars: 5 },
      { title: "Awful" },
    ]);

    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const rows = "SELECT 'text ' || range AS input, range AS n FROM range(30)";
    await connection.run(`COPY (${rows}) TO '${at("texts.parquet")}' (FORMAT parquet)`);
    const parquet = await paw(["map", "mood.weights", "--in", "texts.parquet"]);
    expect(linesOf(parquet.stdout).map(({ input }) => input)).toEqual(
      Array.from({ length: 30 }, (_, i) => `text ${i}`),
    );
  });

  test("a reader that goes away ends it without a word", async () => {
    const child = start("map", "mood.weights", "--in", "inputs.jsonl");
    const errors = text(child.stderr as never);
    child.stdout?.once("data", () => child.stdout?.destroy());
    await once(child, "exit");
    expect(await errors).not.toMatch(/EPIPE|at .*\.js/);
  });

  test("says what is wrong before anything is answered, and loses nothing that is there", async () => {
    write("there.jsonl", "mine\n");
    write("odd.txt", "a\n");
    write("two.csv", "a,b\n1,2\n");
    write("bad.parquet", "no parquet");
    const cases: [string[], RegExp][] = [
      [["--in", "inputs.jsonl", "--out", "there.jsonl"], /there\.jsonl is there already/],
      [["--in", "none.jsonl"], /There is no file none\.jsonl/],
      [["--in", "odd.txt"], /odd\.txt is none of \.jsonl/],
      [["--in", "two.csv"], /lacks the column input[\s\S]*--column[\s\S]*a, b/],
      [["--in", "bad.parquet"], /bad\.parquet cannot be read/],
      [["--in", "inputs.jsonl", "--workers", "0"], /--workers is 0/],
      [["--out", "x.jsonl"], /--out and --shard take a file/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await paw(["map", "mood.weights", ...args]);
      expect(stderr).toMatch(message);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    }
    expect(readFileSync(at("there.jsonl"), "utf8")).toBe("mine\n");

    // A part of another input.
    const child = start("map", "mood.weights", "--in", "inputs.jsonl", "--out", "begun.jsonl");
    await vi.waitFor(() => expect(existsSync(at("begun.jsonl.parts/manifest.json"))).toBe(true), { timeout: 60_000 });
    child.kill("SIGKILL");
    await once(child, "exit");
    const other = await paw(["map", "mood.weights", "--in", "some.jsonl", "--out", "begun.jsonl"]);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("begun with another program or input") });
  });
});
