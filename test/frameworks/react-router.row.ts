import type { Row } from "./row.ts";

const row: Row = {
  name: "React Router 8",
  fixture: "react-router",
  shows: ["react-router", "vite"],
  node: 22,
  spec: "app/tone.paw",
  dev: { command: "react-router dev --port {port}" },
  build: ["react-router build"],
  run: { command: "react-router-serve build/server/index.js", files: ["build"] },
  types: ["react-router typegen", "paw types", "tsc"],
  page: true,
  setup: { title: "React Router", files: ["vite.config.ts", "tsconfig.json", "app/routes/home.tsx"] },
};

export default row;
