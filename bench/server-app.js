// An HTTP server that answers with a program, run by plain node with the packages as they are published.
//
// usage: node bench/server-app.js MODE PROGRAM
//   MODE  "in-process": the model on the server's own thread, one call after the other; a number: that many workers
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { decodeProgram } from "@unplugin-paw/program";
import { loadProgram } from "@unplugin-paw/runtime";
import { answerAll } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";

const [mode, file] = process.argv.slice(2);

async function inProcess() {
  const program = decodeProgram(readFileSync(file));
  const engine = await sharedEngine(program.interpreter);
  return async (input) => {
    const [found] = await answerAll(engine, program, [input]);
    if (found.error) throw found.error;
    return found.value;
  };
}

const label = mode === "in-process" ? await inProcess() : await loadProgram(file, { workers: Number(mode) });

/** The longest time for which nothing else had its turn, milliseconds: a timer of one millisecond that came late. */
let longest = 0;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last - 1);
  last = now;
}, 1);

const server = createServer(async (request, response) => {
  if (request.url === "/stats") {
    response.end(JSON.stringify({ longest, megabytes: process.memoryUsage().rss / 1e6 }));
    longest = 0;
    return;
  }
  try {
    response.end(await label(await text(request)));
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
});
await label("A first input.");
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("disconnect", () => process.exit(0));
