import { fileURLToPath } from "node:url";
import { fetchModel, findCard } from "@unplugin-paw/interpreter";
import { getLlama, type Llama, LlamaLogLevel, type LlamaModel } from "node-llama-cpp";

/**
 * The interpreter's GGUF, kept for the oracle: the user's store drops it once it is converted. llama.cpp reads the same file, so what
 * tests and benchmarks compare is two programs over the same numbers.
 */
export async function oracleFile(): Promise<string> {
  const path = fileURLToPath(new URL("../node_modules/.cache/paw-oracle", import.meta.url));
  return await fetchModel(findCard(), { path });
}

/** llama.cpp on the CPU, with the GGUF loaded. */
export async function openOracle(): Promise<{ llama: Llama; model: LlamaModel }> {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.error, progressLogs: false });
  return { llama, model: await llama.loadModel({ modelPath: await oracleFile() }) };
}
