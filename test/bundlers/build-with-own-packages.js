// Builds an app for Node with the packages in its own node_modules and a persistent cache: node build-with-own-packages.js rspack <folder>
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rspack } from "@rspack/core";
import webpack from "webpack";

const [kind, root] = process.argv.slice(2);
const { resolve } = createRequire(join(root, "package.json"));
const { default: paw } = await import(pathToFileURL(resolve(`unplugin-paw/${kind}`)).href);
const config = {
  context: root,
  mode: "production",
  target: "node",
  entry: "./src/sync.js",
  output: { path: join(root, "out"), clean: true },
  cache: { type: kind === "webpack" ? "filesystem" : "persistent" },
  plugins: [paw({ effort: "draft", types: false })],
};
const compiler = (kind === "webpack" ? webpack : rspack)(config);
compiler.run((error, stats) => {
  const failed = error ?? (stats.hasErrors() ? stats.toString("errors-only") : undefined);
  if (failed) console.error(failed);
  compiler.close(() => process.exit(failed ? 1 : 0));
});
