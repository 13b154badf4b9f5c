import paw from "unplugin-paw/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [paw()],
  test: { globalSetup: ["unplugin-paw/vitest"], testTimeout: 60_000 },
});
