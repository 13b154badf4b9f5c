import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpreterAssets, type WebAssets, type WebFile } from "./assets.ts";
import { type Interpreter, openInterpreter } from "./open.ts";
import { chain, type Onnxruntime, Session } from "./session.ts";

const folder = mkdtempSync(join(tmpdir(), "paw-web-"));
let interpreter: Interpreter;

beforeAll(async () => {
  const opened = await openInterpreter();
  // A copy: what a test breaks must not be the user's.
  cpSync(dirname(opened.data), folder, { recursive: true, filter: (path) => !/web-\d+/.test(path) });
  interpreter = { ...opened, model: join(folder, "run.onnx"), data: join(folder, "run.data") };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const all = ({ files }: WebAssets) => [files.model, files.tokenizer, ...files.parts];
const described = ({ manifest: { files } }: WebAssets) => [files.model, files.tokenizer, ...files.parts];

describe("an interpreter's assets", () => {
  it("are what the manifest says, small enough for static hosts, and in their order the weights", async () => {
    const assets = await interpreterAssets(interpreter);
    const joined = createHash("sha256");
    for (const [i, path] of all(assets).entries()) {
      const sent = readFileSync(path);
      const { bytes, sha256, packed } = described(assets)[i] as WebFile;
      expect(sent.length).toBeLessThan(25 * 2 ** 20);
      expect(sent.length).toBe(packed ?? bytes);
      const file = packed === undefined ? sent : gunzipSync(sent);
      expect(file.length).toBe(bytes);
      expect(createHash("sha256").update(file).digest("hex")).toBe(sha256);
      if (assets.files.parts.includes(path)) joined.update(file);
    }
    expect(joined.digest("hex")).toBe(createHash("sha256").update(readFileSync(interpreter.data)).digest("hex"));
    expect(assets.manifest).toMatchObject({
      id: interpreter.id,
      digest: interpreter.digest,
      config: interpreter.config,
    });
  });

  it.each([
    ["a part was cut", (assets: WebAssets) => truncateSync(assets.files.parts[1] as string, 1000)],
    ["a part is missing", (assets: WebAssets) => rmSync(assets.files.parts[0] as string)],
    [
      "the manifest is no JSON",
      (assets: WebAssets) => writeFileSync(join(dirname(assets.files.model), "manifest.json"), "{"),
    ],
  ])("are made again where %s", async (_name, damage) => {
    const before = await interpreterAssets(interpreter);
    damage(before);
    const after = await interpreterAssets(interpreter);
    expect(after).toEqual(before);
    expect(all(after).every(existsSync)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("are made once for all who ask at a time", async () => {
    rmSync(dirname((await interpreterAssets(interpreter)).files.model), { recursive: true });
    const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => interpreterAssets(interpreter)));
    for (const other of others) expect(other).toEqual(first);
  });

  it("cannot be made where the store cannot be written", async () => {
    const broken = { ...interpreter, data: join(folder, "run.onnx", "run.data") };
    await expect(interpreterAssets(broken)).rejects.toMatchObject({
      name: "InterpreterError",
      code: "STORE_UNWRITABLE",
    });
  });

  it("have a graph that gives what the run graph gives, also where tensors are copied", async () => {
    const { files } = await interpreterAssets(interpreter);
    // onnxruntime-node reads weights from the file beside the graph.
    const beside = join(folder, "web.onnx");
    copyFileSync(files.model, beside);
    const onnxruntime = ort as unknown as Onnxruntime;
    const web = await Session.open(onnxruntime, beside, interpreter.config, { copies: true });
    const run = await Session.open(onnxruntime, interpreter.model, interpreter.config);
    const ids = interpreter.tokenizer.encode("The capital of France is Paris, and that of Italy is");
    const [prefix, input] = [ids.slice(0, 6), ids.slice(6)];
    const logits = async (session: Session) => {
      const stored = await session.prefill(prefix);
      return await session.use(async (sequence) => {
        sequence.begin(); // and back, so that the prefix is really put there
        sequence.begin(stored);
        const [first] = await sequence.append(chain(input), [input.length - 1]);
        const [next] = await sequence.append(chain([4, 5], input.length - 1), [1]);
        return [first, next] as Float32Array[];
      });
    };
    const [expected, found] = [await logits(run), await logits(web)];
    for (const [i, values] of expected.entries()) {
      const worst = values.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (found[i]?.[at] ?? Number.NaN))),
        0,
      );
      expect(worst).toBeLessThan(2e-3);
    }
    await web.release();
    await run.release();
  });
});
