import type { ViteUserConfig } from "vitest/config";
import { tier } from "../tier.ts";

/** Real frameworks, installed and built: `npm run test:frameworks`, which needs npm's registry, or what it has in its cache. */
const config: ViteUserConfig = tier(import.meta.dirname);

export default config;
