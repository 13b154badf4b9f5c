import { defineConfig } from "rollup";
import paw from "unplugin-paw/rollup";

export default defineConfig({
  input: "src/main.js",
  plugins: [paw()],
  output: { dir: "dist/rollup", format: "es" },
});
