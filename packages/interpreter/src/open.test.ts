import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oracleFile } from "../../../test/oracle.ts";
import { type OpenOptions, openInterpreter } from "./index.ts";

const home = mkdtempSync(join(tmpdir(), "paw-home-"));
const before = process.env.PAW_HOME;
let gguf: string;

beforeAll(async () => {
  gguf = await oracleFile();
  process.env.PAW_HOME = home;
});
afterAll(() => {
  if (before === undefined) delete process.env.PAW_HOME;
  else process.env.PAW_HOME = before;
  rmSync(home, { recursive: true, force: true });
});

/** Opens, and tells whether that took a conversion. */
async function open(options: OpenOptions = {}) {
  const stages: string[] = [];
  const interpreter = await openInterpreter({ gguf, ...options, onProgress: ({ stage }) => stages.push(stage) });
  return { interpreter, converted: stages.includes("convert") };
}
const folders = () => readdirSync(join(home, "interpreters"));

describe("the converted interpreter", () => {
  it("is made once, and takes at most 140 MB on disk", async () => {
    const first = await open();
    const second = await open();
    expect([first.converted, second.converted]).toEqual([true, false]);
    expect(second.interpreter.digest).toBe(first.interpreter.digest);
    expect(second.interpreter.tokenizer.encode("Hello world")).toEqual(
      first.interpreter.tokenizer.encode("Hello world"),
    );
    expect(first.interpreter).toMatchObject({
      id: "paw-135m",
      licence: "Apache-2.0",
      config: { layers: 30, contextLength: 8192 },
    });
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
    expect(bytes).toBeLessThan(140_000_000);
  });

  it("is the same as the one that a program names by digest", async () => {
    const { interpreter } = await open();
    expect((await openInterpreter({ digest: interpreter.digest })).model).toBe(interpreter.model);
    await expect(openInterpreter({ digest: "0".repeat(64), gguf })).rejects.toMatchObject({ code: "WRONG_DIGEST" });
  });

  it.each([
    ["whose weights were cut", (folder: string) => truncateSync(join(folder, "run.data"), 1_000)],
    ["whose manifest is no JSON", (folder: string) => writeFileSync(join(folder, "interpreter.json"), "{")],
    ["that lost a file", (folder: string) => rmSync(join(folder, "tokenizer.json"))],
    [
      "of which a killed run left a part",
      (folder: string) => {
        rmSync(folder, { recursive: true });
        mkdirSync(`${folder}.99.partial`);
        writeFileSync(join(`${folder}.99.partial`, "run.data"), "half");
      },
    ],
  ])("is made again %s", async (_name, damage) => {
    damage(join(home, "interpreters", folders().filter((name) => !name.includes("."))[0] as string));
    expect((await open()).converted).toBe(true);
    expect((await open()).converted).toBe(false);
  });
});

describe("a model file that cannot be converted", () => {
  it.each([
    ["that is not there", undefined, "MODEL_UNREADABLE"],
    ["that is no GGUF", (file: string) => writeFileSync(file, "no model at all, just a text"), "GGUF_INVALID"],
    ["that is cut", (file: string) => writeFileSync(file, readFileSync(gguf).subarray(0, 3_000_000)), "GGUF_INVALID"],
  ])("%s is an error, and leaves nothing", async (_name, make, code) => {
    const file = join(home, "model.gguf");
    rmSync(file, { force: true });
    make?.(file);
    const known = folders();
    await expect(open({ gguf: file })).rejects.toMatchObject({
      name: "InterpreterError",
      code,
      hint: expect.stringMatching(/\w/),
    });
    expect(folders()).toEqual(known);
  });
});
