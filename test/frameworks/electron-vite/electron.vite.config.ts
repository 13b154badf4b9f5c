import { defineConfig } from "electron-vite";
import paw from "unplugin-paw/vite";

export default defineConfig({
  main: { plugins: [paw()] },
  preload: {},
  renderer: {},
});
