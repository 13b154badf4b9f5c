import { defineConfig } from "tsdown";
import paw from "unplugin-paw/rolldown";

export default defineConfig({
  entry: "src/index.ts",
  format: ["esm", "cjs"],
  dts: { resolver: "tsc" },
  platform: "node",
  fixedExtension: false,
  plugins: [paw({ inline: true, types: "beside" })],
});
