import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({ entry: ["src/index.ts", "src/session.ts"] });
export default config;
