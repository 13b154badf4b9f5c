import { defineConfig, type UserConfig } from "tsdown";

// One build for all packages; each package lists its entries in its own tsdown.config.ts.
const config: UserConfig = defineConfig({
  workspace: "packages/*",
  format: "esm",
  platform: "node",
  target: "node20.19",
  dts: true,
  fixedExtension: false,
  clean: true,
});

export default config;
