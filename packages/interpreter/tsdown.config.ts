import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: ["src/index.ts", "src/assets.ts", "src/session.ts", "src/training.ts", "src/web.ts"],
});
export default config;
