import type { ViteUserConfig } from "vitest/config";
import { tier } from "../tier.ts";

/** A Spark that runs: `npm run test:spark`, which needs Java 17 and a Python with pyspark. */
const config: ViteUserConfig = tier(import.meta.dirname);

export default config;
