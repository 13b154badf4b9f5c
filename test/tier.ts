import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * A tier of its own, which `npm test` leaves out: all tests of a folder, which install, build and start what is not ours.
 *
 * @param root the folder, in `test`
 */
export function tier(root: string): ViteUserConfig {
  return defineConfig({
    test: {
      root,
      include: ["*.test.ts"],
      setupFiles: "../plain.ts",
      testTimeout: 300_000,
      hookTimeout: 600_000,
    },
  });
}
