import paw from "unplugin-paw/vite";
import { defineConfig } from "vite";
import { offline } from "./offline.ts";

// A page with these two headers may use threads; without them everything works on one thread.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  base: "./",
  plugins: [paw(), offline()],
  server: { headers },
  preview: { headers },
});
