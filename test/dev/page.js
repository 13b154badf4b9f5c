// The dev server of webpack or of Rspack, and the page that it serves: as a developer runs them. Speaks as `server.js`.
import { join } from "node:path";
import { infrastructureLogging } from "./log.js";

const [root, options, name] = process.argv.slice(2);
const { default: paw } = await import(`unplugin-paw/${name}`);
const { default: bundler } = await import({ webpack: "webpack", rspack: "@rspack/core" }[name]);
const Server = {
  webpack: async () => (await import("webpack-dev-server")).default,
  rspack: async () => (await import("@rspack/dev-server")).RspackDevServer,
}[name];

const compiler = bundler({
  mode: "development",
  target: "web",
  context: root,
  entry: "./src/main.js",
  output: { path: join(root, "out"), filename: "src/main.js" },
  devtool: false,
  cache: false,
  stats: "none",
  plugins: [paw(JSON.parse(options))],
  infrastructureLogging,
});
const server = new (await Server())(
  { host: "127.0.0.1", port: "auto", static: { directory: root, watch: false }, setupExitSignals: false },
  compiler,
);
await server.start();

process.on("message", async ([command]) => {
  if (command === "close") await server.stop();
  process.send({ result: null });
});
process.on("SIGTERM", () => process.exit());
process.send({ result: `http://127.0.0.1:${server.server.address().port}/` });
