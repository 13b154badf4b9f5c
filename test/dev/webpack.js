// webpack or Rspack watching, and the bundle running, which is told of hot updates: as a developer runs them. Speaks as
// `server.js`.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { infrastructureLogging } from "./log.js";

const [root, options, name] = process.argv.slice(2);
const { default: paw } = await import(`unplugin-paw/${name}`);
const library = { webpack: "webpack", rspack: "@rspack/core" }[name];
const { default: bundler } = await import(library);

const compiler = bundler({
  mode: "development",
  target: "node",
  context: root,
  // Not `hot/poll`: where it reads a manifest that is being written, its state stays at "check" and it never asks again.
  entry: [`${library}/hot/signal`, "./src/process.js"],
  output: { path: join(root, "out"), filename: "main.cjs", hotUpdateChunkFilename: "[id].[fullhash].hot-update.cjs" },
  devtool: false,
  cache: false,
  plugins: [paw(JSON.parse(options)), new bundler.HotModuleReplacementPlugin()],
  infrastructureLogging,
});
let built;
let builds = true;
compiler.hooks.watchRun.tap("test", () => {
  builds = true;
});
const first = new Promise((resolve) => {
  built = resolve;
});
const watching = compiler.watch({ aggregateTimeout: 20 }, (error, stats) => {
  for (const { message } of stats?.compilation.errors ?? []) process.send({ line: message });
  if (error) process.send({ line: `${error}` });
  builds = false;
  built();
});
await first;
const running = fork(join(root, "out/main.cjs"), { silent: true });
let said = "";
for (const stream of [running.stdout, running.stderr]) stream.on("data", (text) => (said += text));

const commands = {
  async ask(text) {
    if (running.connected) running.send(text);
    const ended = running.connected ? once(running, "exit") : Promise.resolve();
    const [answer] = await Promise.race([once(running, "message"), ended.then(() => [])]);
    if (!answer) throw new Error(`the bundle's process has ended: ${said}`);
    // Who has answered listens to the signal, and between two builds all files are whole.
    if (!builds) running.kill("SIGUSR2");
    return answer;
  },
  close: () => new Promise((resolve) => watching.close(resolve)),
};
process.on("message", async ([command, ...args]) => {
  try {
    process.send({ result: (await commands[command](...args)) ?? null });
  } catch ({ message }) {
    process.send({ error: message });
  }
});
process.on("exit", () => running.kill());
process.on("SIGTERM", () => process.exit());
process.send({ result: "" });
