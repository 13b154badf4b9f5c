import type { Row } from "./row.ts";

const row: Row = {
  name: "Astro, Node",
  fixture: "astro",
  shows: ["astro", "@astrojs/node", "vite"],
  node: 22,
  dev: { command: "astro dev --port {port}" },
  build: ["astro build"],
  run: { command: "node dist/server/entry.mjs", files: ["dist"] },
  types: ["astro sync", "paw types", "astro check"],
  page: true,
  setup: {
    title: "Astro",
    files: ["astro.config.mjs", "tsconfig.json", "src/pages/index.astro"],
    text: "Astro 5 has Vite 6 inside; the plugin needs Vite 7, which Astro 6 has.",
  },
};

export default row;
