import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({ entry: ["src/index.ts", "src/session.ts", "src/training.ts"] });
export default config;
