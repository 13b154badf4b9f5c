import type { NextConfig } from "next";
import { withPaw } from "unplugin-paw/next";

const config: NextConfig = { output: "standalone", reactStrictMode: true };

export default withPaw(config);
