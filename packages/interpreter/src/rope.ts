import type { Graph, Value } from "@unplugin-paw/graph";
import type { LlamaConfig } from "./config.ts";

/**
 * Cosines and sines of the rotary embedding (https://arxiv.org/abs/2104.09864): angle of position p and pair i is
 * p * base^(-2i / headSize). Both are `[positions, headSize / 2]`.
 */
export function ropeTables(config: LlamaConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const half = config.headSize / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = config.ropeBase ** ((-2 * i) / config.headSize);
    for (let p = 0; p < positions; p++) {
      cos[p * half + i] = Math.cos(p * frequency);
      sin[p * half + i] = Math.sin(p * frequency);
    }
  }
  return { cos, sin };
}

/** The tables for all positions, as weights of a graph. */
export function ropeWeights(g: Graph, config: LlamaConfig): { cosines: Value; sines: Value } {
  const { cos, sin } = ropeTables(config, config.contextLength);
  const shape = [config.contextLength, config.headSize / 2];
  return {
    cosines: g.weight("rope.cosines", "float32", shape, cos),
    sines: g.weight("rope.sines", "float32", shape, sin),
  };
}
