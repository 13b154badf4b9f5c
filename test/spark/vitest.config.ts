import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * A Spark that runs: `npm run test:spark`, a tier of its own that needs Java 17 and a Python with pyspark.
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
