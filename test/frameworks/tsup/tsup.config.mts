import { defineConfig } from "tsup";
import paw from "unplugin-paw/esbuild";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  esbuildPlugins: [paw({ inline: true, types: "beside" })],
});
