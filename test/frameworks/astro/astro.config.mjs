import node from "@astrojs/node";
import { defineConfig } from "astro/config";
import paw from "unplugin-paw/vite";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  vite: { plugins: [paw()] },
});
