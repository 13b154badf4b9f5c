import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: ["index", "assets", "identity", "loads", "model", "session", "web"].map((name) => `src/${name}.ts`),
});
export default config;
