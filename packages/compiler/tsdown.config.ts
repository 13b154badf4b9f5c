import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({ entry: ["src/index.ts", "src/internals.ts", "src/process.ts"] });
export default config;
