import { defineConfig, type UserConfig } from "tsdown";

const bundlers = ["vite", "rollup", "rolldown", "webpack", "rspack", "esbuild", "farm"];

const config: UserConfig = defineConfig({
  entry: [
    ...["src/index.ts", ...bundlers.map((name) => `src/${name}.ts`), "src/sidecar.ts", "src/vitest.ts"],
    ...["src/next.ts", "src/next-loader.ts", "src/nuxt.ts"],
    ...["src/register.ts", "src/register-hooks.ts", "src/register-worker.ts"],
  ],
});
export default config;
