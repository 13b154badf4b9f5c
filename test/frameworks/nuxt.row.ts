import type { Row } from "./row.ts";

const row: Row = {
  name: "Nuxt 4, pages",
  fixture: "nuxt",
  shows: ["nuxt", "vite"],
  spec: "app/tone.paw",
  dev: { command: "nuxt dev --port {port}" },
  build: ["nuxt build"],
  run: { command: "node .output/server/index.mjs", files: [".output"], modules: false },
  types: ["nuxt prepare", "paw types", "vue-tsc --build"],
  page: true,
  setup: {
    title: "Nuxt",
    files: ["nuxt.config.ts", "app/app.vue", "server/api/tone.get.ts"],
    text: "Options stand under the key `paw`. The module is for pages and for `server/`, and sets the types up, with Nuxt's aliases.",
  },
};

export default row;
