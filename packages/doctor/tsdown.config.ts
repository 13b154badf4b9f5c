import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({ entry: ["src/index.ts"] });
export default config;
