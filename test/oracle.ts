import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { fetchModel, findCard } from "@unplugin-paw/interpreter";
import { getLlama, type Llama, type LlamaContextSequence, LlamaLogLevel } from "node-llama-cpp";

/**
 * The interpreter's GGUF, kept for the oracle: the user's store drops it once it is converted. llama.cpp reads the same file, so what
 * tests and benchmarks compare is two programs over the same numbers.
 */
export async function oracleFile(): Promise<string> {
  const path = fileURLToPath(new URL("../node_modules/.cache/paw-oracle", import.meta.url));
  return await fetchModel(findCard(), { path });
}

/** llama.cpp on the CPU, from its ready-made binary. */
export async function openLlama(maxThreads: number): Promise<Llama> {
  return await getLlama({
    gpu: false,
    build: "never",
    maxThreads,
    logLevel: LlamaLogLevel.error,
    progressLogs: false,
  });
}

/**
 * A sequence of llama.cpp on the CPU, with the GGUF loaded. The number of threads is named: left to itself, node-llama-cpp takes
 * minutes for what two threads do in a fifth of a second here.
 */
export async function openOracle(contextSize = 512): Promise<LlamaContextSequence> {
  const threads = availableParallelism();
  const llama = await openLlama(threads);
  const model = await llama.loadModel({ modelPath: await oracleFile() });
  const context = await model.createContext({
    contextSize,
    batchSize: 512,
    threads,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
  });
  return context.getSequence();
}
