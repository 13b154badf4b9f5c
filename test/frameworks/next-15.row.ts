import webpack from "./next-16-webpack.row.ts";
import type { Row } from "./row.ts";

const row: Row = {
  ...webpack,
  name: "Next.js 15",
  over: "next-15", // `next start` reads a next.config.ts with TypeScript, which production has not
  versions: { next: "^15.5.0" },
  dev: { command: "next dev --port {port}" },
  build: ["next build"],
  run: { command: "next start --port {port}", files: [".next", "next.config.mjs"] },
};

export default row;
