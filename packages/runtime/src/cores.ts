import { availableParallelism, cpus } from "node:os";
import type { Onnxruntime } from "@unplugin-paw/interpreter/session";

/**
 * onnxruntime for a process that may not use all cores (`taskset`, a container's or a cluster job's own set): it
 * counts the machine's, and ties a thread to each of them, out of the set. Told how many there are, it ties none.
 */
export function withinCores(ort: Onnxruntime): Onnxruntime {
  const cores = availableParallelism();
  if (cores >= cpus().length) return ort;
  const { Tensor, InferenceSession } = ort;
  const create = (model: never, options?: object) =>
    InferenceSession.create(model, { intraOpNumThreads: cores, ...options });
  return { Tensor, InferenceSession: { create } as unknown as Onnxruntime["InferenceSession"] };
}
