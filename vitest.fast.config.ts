import { configDefaults, mergeConfig, type ViteUserConfig } from "vitest/config";
import config from "./vitest.config.ts";

/** Tests that train, load the model again and again, take it apart, or wait for a lock of a dead process. */
const slow = [
  "compiler/src/{background,cached,compile,precision,stages}",
  "disk/src/lock",
  "interpreter/src/{assets,fetch-pip,model-file,open,place}",
  "runtime/src/{misfit,runtime,worker}",
];

// What an edit is tried with, in less than a minute: each package by itself, without training, bundlers and browsers.
const fast: ViteUserConfig = mergeConfig(config, {
  test: { exclude: [...configDefaults.exclude, "test/**", ...slow.map((name) => `packages/${name}.test.ts`)] },
});

export default fast;
