import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readRegular } from "@unplugin-paw/disk";
import type { InterpreterCard } from "./card.ts";
import type { LlamaConfig } from "./config.ts";
import type { Places } from "./weights.ts";

export const modelFile = "run.onnx";
export const dataFile = "run.data";
export const tokenizerFile = "tokenizer.json";
export const manifestFile = "interpreter.json";

/** Most bytes of the manifest and of the tokenizer, which have some hundred kilobytes and two megabytes. */
export const MAX_JSON: number = 2 ** 26;

/** What the folder of a converted interpreter says of itself (`interpreter.json`). */
export interface Manifest {
  id: string;
  licence: string;
  /**
   * Identifies what runs: hex SHA-256 over the conversion's version and the digests of the GGUF and of the card's
   * delta. Programs name it.
   */
  digest: string;
  config: LlamaConfig;
  chat: InterpreterCard["chat"];
  /** Where each weight lies in the run graph's data file. */
  places: Places;
  /** Length of each file beside the manifest, bytes. */
  files: Record<string, number>;
}

/** A converted interpreter on disk. */
export interface Converted {
  manifest: Manifest;
  /** Path of the run graph; its weights lie beside it. */
  model: string;
  /** Path of that file of weights. */
  data: string;
  tokenizer: string;
}

/** The converted interpreter in `folder`, or undefined where there is none, or a part of one, or another one. */
export async function readConverted(folder: string, digest: string): Promise<Converted | undefined> {
  try {
    const manifest: Manifest = JSON.parse(
      (await readRegular(join(folder, manifestFile), { maxBytes: MAX_JSON })).toString(),
    );
    // A folder of before `places` were kept is made anew.
    if (manifest.digest !== digest || !manifest.places) return undefined;
    for (const [name, bytes] of Object.entries(manifest.files)) {
      const info = await stat(join(folder, name));
      if (!info.isFile() || info.size !== bytes) return undefined;
    }
    return {
      manifest,
      model: join(folder, modelFile),
      data: join(folder, dataFile),
      tokenizer: join(folder, tokenizerFile),
    };
  } catch {
    return undefined;
  }
}
