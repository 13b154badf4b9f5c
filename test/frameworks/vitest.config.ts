import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * Real frameworks, installed and built: `npm run test:frameworks`, a tier of its own that needs npm's registry, or what
 * it has in its cache.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    setupFiles: "../plain.ts",
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});

export default config;
