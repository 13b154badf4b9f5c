import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, readConverted } from "../../../packages/interpreter/src/converted.ts";
import { damageFile } from "../files.ts";
import type { Kind } from "../kind.ts";
import { mutateJson } from "../random.ts";

const digest = "0".repeat(64);
const sound: Manifest = {
  ...{ id: "fake", licence: "MIT", digest },
  config: {
    ...{ layers: 30, width: 576, heads: 9, kvHeads: 3, headSize: 64, feedForward: 1536, vocabulary: 49_152 },
    ...{ contextLength: 8192, ropeBase: 10_000, normEpsilon: 1e-5 },
  },
  chat: { system: "s", user: "u", assistant: "a", end: "e", stop: "e" },
  places: { a: { location: "run.data", offset: 0, length: 4 } } as never,
  files: { "run.onnx": 4, "run.data": 4, "tokenizer.json": 2 },
};

export const kind: Kind = {
  name: "manifests",
  what: "interpreter.json and the files that it names",
  count: 400,
  async run({ random, folder }) {
    const own = join(folder, "fake");
    mkdirSync(own);
    writeFileSync(join(own, "run.onnx"), "abcd");
    writeFileSync(join(own, "run.data"), "abcd");
    writeFileSync(join(own, "tokenizer.json"), "{}");
    const text = Buffer.from(JSON.stringify(mutateJson(random, sound)) ?? "null");
    damageFile(random, join(own, "interpreter.json"), text);
    if (random.next() < 0.3)
      damageFile(random, join(own, random.pick(["run.onnx", "run.data", "tokenizer.json"])), text);
    const found = await readConverted(own, digest);
    if (found && found.manifest.digest !== digest) throw new Error("another interpreter was taken");
  },
};
