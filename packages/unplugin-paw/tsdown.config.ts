import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: ["src/index.ts", "src/vite.ts", "src/rollup.ts", "src/sidecar.ts"],
});
export default config;
