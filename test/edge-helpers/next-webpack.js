// Builds ./main.js as Next.js has webpack build code for the edge, and prints the errors. In a process of its own: webpack loads the loader from dist.
import { promisify } from "node:util";
import { withPaw } from "unplugin-paw/next";
import webpack from "webpack";

const config = withPaw({}).webpack(
  {
    ...{ mode: "production", target: ["web", "es6"], entry: "./main.js", output: { path: `${process.cwd()}/dist` } },
    ...{ plugins: [], module: { rules: [] } },
  },
  { isServer: true, nextRuntime: "edge" },
);
const stats = await promisify(webpack)(config);
process.stdout.write(JSON.stringify(stats.toJson({ all: false, errors: true }).errors));
