import { Writable } from "node:stream";

/** Where webpack and Rspack log to: each line goes to the parent, without the plugin's name. */
export const infrastructureLogging = {
  level: "info",
  appendOnly: true,
  colors: false,
  stream: new Writable({
    write(chunk, _encoding, done) {
      for (const line of `${chunk}`.split("\n")) process.send({ line: line.replace(/^.*\[unplugin-paw\] /, "") });
      done();
    },
  }),
};
