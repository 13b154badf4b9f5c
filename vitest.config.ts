import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig, type ViteUserConfig } from "vitest/config";

// Tests read the packages' sources (condition "paw-source"); child processes and bundlers that a test starts read dist.
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ["paw-source"] },
  ssr: { resolve: { conditions: ["paw-source"], externalConditions: ["paw-source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/frameworks/**", "test/spark/**"], // tiers of their own
    setupFiles: fileURLToPath(new URL("./test/plain.ts", import.meta.url)),
    maxWorkers: 2, // vitest's own choice on two cores is one
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // Some tests load onnxruntime themselves; the runtime sets this where it does.
    env: { ORT_DISABLE_TELEMETRY: "1" },
  },
});

export default config;
