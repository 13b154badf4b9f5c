import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onDisk, writeFolder } from "@unplugin-paw/disk";
import { encodeModel } from "@unplugin-paw/graph";
import { llamaConfig, readWeights } from "./architectures.ts";
import { blockWeights } from "./block-weights.ts";
import type { InterpreterCard } from "./card.ts";
import { dataFile, type Manifest, manifestFile, modelFile, tokenizerFile } from "./converted.ts";
import { readDelta, withDelta } from "./delta.ts";
import { InterpreterError } from "./errors.ts";
import { type Gguf, readGguf } from "./gguf.ts";
import { interpreterDigest } from "./identity.ts";
import { runGraph } from "./run-graph.ts";
import { tokenizerFromGguf } from "./tokenizer.ts";

/** The GGUF, with the card's delta merged into what is read of it. */
async function readFiles(path: string, card: InterpreterCard, digest: string): Promise<Gguf> {
  const gguf = await readGguf(path, card.architecture);
  if (!card.delta) return gguf;
  const delta = await readDelta(card.delta);
  if (interpreterDigest(delta.gguf, card.delta.sha256) === digest) return withDelta(gguf, delta);
  throw new InterpreterError(
    "GGUF_UNSUPPORTED",
    `${path} is another GGUF than the one that the delta of ${card.id} was trained for (SHA-256 ${delta.gguf}).`,
    "Use that file, or a card without a delta.",
  );
}

/**
 * Converts a verified GGUF to the run graph and the tokenizer, into `folder`. The folder appears whole or not at all.
 * Takes about two seconds for 135M parameters.
 *
 * @throws {InterpreterError} `GGUF_INVALID`, `GGUF_UNSUPPORTED`, `MODEL_UNREADABLE`
 * @throws {DiskError} `DISK_FULL`, `STORE_UNWRITABLE`
 */
export async function convert(gguf: string, card: InterpreterCard, digest: string, folder: string): Promise<void> {
  const file = await readFiles(gguf, card, digest);
  const config = llamaConfig(file.metadata, card.architecture);
  const stored = await readWeights(file, config, card.architecture);
  const graph = runGraph(config, (g) => blockWeights(g, stored));
  const { model, data, dataBytes, places } = encodeModel(graph, { dataFile });
  const tokenizer = JSON.stringify(tokenizerFromGguf(file.metadata));
  const files = { [modelFile]: model.length, [dataFile]: dataBytes, [tokenizerFile]: Buffer.byteLength(tokenizer) };
  const { id, licence, chat } = card;
  const manifest: Manifest = { id, licence, digest, config, chat, places, files };

  const write = async (folder: string) => {
    await writeFile(join(folder, modelFile), model);
    await writeFile(join(folder, tokenizerFile), tokenizer);
    const out = await open(join(folder, dataFile), "w");
    try {
      for (const piece of data()) await out.writeFile(piece);
      await out.sync();
    } finally {
      await out.close();
    }
    await writeFile(join(folder, manifestFile), JSON.stringify(manifest));
  };
  await onDisk(folder, () => writeFolder(folder, write));
}
