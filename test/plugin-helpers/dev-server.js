// A Vite dev server in a process of its own, as a developer runs it: plain node and the packages as they are published. (In vitest's
// process native imports would see the condition "paw-source".) Takes commands from the parent, answers each.
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import paw from "unplugin-paw/vite";
import { createServer } from "vite";

const [root, options] = process.argv.slice(2);
const server = await createServer({
  root,
  configFile: false,
  logLevel: "silent",
  appType: "custom",
  server: { middlewareMode: true, ws: false },
  optimizeDeps: { noDiscovery: true },
  plugins: [paw(JSON.parse(options))],
});

const commands = {
  /** Loads a spec's module in server code and calls its function. */
  async call(url, input) {
    const { default: run, meta } = await server.ssrLoadModule(url);
    return { meta, answer: await run(input) };
  },
  /** What `ask` of a module answers (see fixtures/everywhere). */
  async answers(url) {
    const { ask } = await server.ssrLoadModule(url);
    return await ask();
  },
  /** The module as server code gets it. */
  async serverCode(url) {
    return { code: (await server.environments.ssr.transformRequest(url)).code };
  },
};

process.on("message", async ([command, ...args]) => {
  try {
    process.send({ result: await commands[command](...args) });
  } catch ({ message, id, loc, frame, plugin }) {
    process.send({ error: { message, id, loc, frame, plugin } });
  }
});
// An edit before the watcher has seen a file would be no change to it.
const watched = () => server.watcher.getWatched()[join(root, "src")]?.includes("tone.paw");
while (!watched()) await setTimeout(20);
process.send({ result: "ready" });
