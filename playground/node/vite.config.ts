import paw from "unplugin-paw/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [paw()],
  build: { ssr: "src/main.js", outDir: "dist/vite" },
});
