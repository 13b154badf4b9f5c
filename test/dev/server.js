// A Vite dev server in a process of its own, as a developer runs it: plain node and the packages as they are published. Sends what it logs
// to the parent, takes commands from there, answers each.
import paw from "unplugin-paw/vite";
import { createLogger, createServer } from "vite";

const [root, options] = process.argv.slice(2);
const customLogger = createLogger("info");
for (const level of ["info", "warn", "error"]) customLogger[level] = (line) => process.send({ line, level });

const server = await createServer({
  root,
  configFile: false,
  customLogger,
  server: { port: 0, host: "127.0.0.1" },
  plugins: [paw(JSON.parse(options))],
});
await server.listen();

const commands = {
  /** What server code answers. */
  async ask(text) {
    const { ask } = await server.ssrLoadModule("/src/server.js");
    return await ask(text);
  },
  /** The module of the spec, as server code gets it. */
  code: async () => (await server.environments.ssr.transformRequest("/src/tone.paw")).code,
  close: () => server.close(),
};

process.on("message", async ([command, ...args]) => {
  try {
    process.send({ result: (await commands[command](...args)) ?? null });
  } catch ({ message }) {
    process.send({ error: message });
  }
});
process.send({ result: server.resolvedUrls.local[0] });
