/** Names of the cache's inputs and outputs in the run graph: keys, then values, of one layer. */
export function cacheNames(layer: number): { past: [string, string]; present: [string, string] } {
  return {
    past: [`past_keys.${layer}`, `past_values.${layer}`],
    present: [`present_keys.${layer}`, `present_values.${layer}`],
  };
}
