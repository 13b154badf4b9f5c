import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: ["src/index.ts", "src/find.ts", "src/printable.ts", "src/record-file.ts", "src/similar.ts", "src/sidecar.ts"],
});
export default config;
