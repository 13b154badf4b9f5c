import { defineConfig, type UserConfig } from "tsdown";

const bundlers = ["vite", "rollup", "rolldown", "webpack", "rspack", "esbuild", "farm"];

const config: UserConfig = defineConfig({
  entry: {
    index: "src/index.ts",
    ...Object.fromEntries(bundlers.map((name) => [name, `src/${name}.ts`])),
    next: "src/hosts/next/with-paw.ts",
    "next-loader": "src/hosts/next/loader.ts",
    nuxt: "src/hosts/nuxt/module.ts",
    vitest: "src/hosts/vitest/setup.ts",
    register: "src/hosts/node/register.ts",
    "register-hooks": "src/hosts/node/hooks.ts",
    "register-worker": "src/hosts/node/worker.ts",
  },
});
export default config;
