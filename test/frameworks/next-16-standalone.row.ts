import turbopack from "./next-16.row.ts";
import type { Row } from "./row.ts";

const { setup: _, ...rest } = turbopack;
const row: Row = {
  ...rest,
  name: "Next.js 16, standalone",
  over: "next-standalone",
  build: ["next build", "cp -r .next/static .next/standalone/.next/", "cp -r public .next/standalone/"],
  run: {
    command: "node .next/standalone/server.js",
    files: [".next/standalone"],
    modules: false,
  },
};

export default row;
