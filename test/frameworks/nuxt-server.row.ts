import pages from "./nuxt.row.ts";
import type { Row } from "./row.ts";

const { setup: _, page: __, ...rest } = pages;
const ask = "/api/tone?text=";
const row: Row = {
  ...rest,
  name: "Nuxt 4, server/api",
  dev: { command: "nuxt dev --port {port}", ask },
  run: { command: "node .output/server/index.mjs", files: [".output"], modules: false, ask },
  dashes: { client: "the row above has it" },
};

export default row;
