import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { llamaConfig } from "../../../packages/interpreter/src/architectures.ts";
import { readGguf } from "../../../packages/interpreter/src/gguf.ts";
import { tokenizerFromGguf } from "../../../packages/interpreter/src/tokenizer.ts";
import { damageFile } from "../files.ts";
import type { Kind } from "../kind.ts";
import { mutateBytes } from "../random.ts";

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const entry = (key: string, type: number, value: Buffer) => Buffer.concat([text(key), u32(type), value]);

const words = ["a", "b", "ab", "<|im_end|>"];
const metadata = [
  entry("general.architecture", 8, text("llama")),
  ...[
    "block_count",
    "embedding_length",
    "attention.head_count",
    "feed_forward_length",
    "vocab_size",
    "context_length",
  ].map((key) => entry(`llama.${key}`, 4, u32(4))),
  entry("llama.attention.layer_norm_rms_epsilon", 6, Buffer.from(Float32Array.of(1e-5).buffer)),
  entry("tokenizer.ggml.token_type", 9, Buffer.concat([u32(5), u64(words.length), ...[1, 1, 1, 3].map(u32)])),
  entry("tokenizer.ggml.model", 8, text("gpt2")),
  entry("tokenizer.ggml.pre", 8, text("smollm")),
  entry("tokenizer.ggml.tokens", 9, Buffer.concat([u32(8), u64(words.length), ...words.map(text)])),
  entry("tokenizer.ggml.merges", 9, Buffer.concat([u32(8), u64(1), text("a b")])),
];
const header = Buffer.concat([
  ...[Buffer.from("GGUF"), u32(3), u64(1), u64(metadata.length), ...metadata],
  ...[text("norm"), u32(1), u64(2), u32(0), u64(0)],
]);
const sound = Buffer.concat([header, Buffer.alloc(((32 - (header.length % 32)) % 32) + 32)]);

export const kind: Kind = {
  name: "GGUF files",
  what: "model files with altered headers, counts, lengths and types",
  count: 800,
  async run({ random, folder }) {
    const path = join(folder, "model.gguf");
    if (random.next() < 0.1) damageFile(random, path, sound);
    else writeFileSync(path, mutateBytes(random, sound));
    const file = await readGguf(path, "llama");
    for (const name of file.tensors.keys()) await file.readTensor(name);
    llamaConfig(file.metadata, "llama");
    tokenizerFromGguf(file.metadata);
  },
};
