import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: ["src/index.ts", "src/assets.ts", "src/model.ts", "src/session.ts", "src/web.ts"],
});
export default config;
