import { defineConfig, type UserConfig } from "tsdown";

// A program, not a library: nobody imports its types.
const config: UserConfig = defineConfig({ entry: ["src/paw.ts"], dts: false });
export default config;
