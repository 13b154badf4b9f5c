import webpack from "./next-16-webpack.row.ts";
import type { Row } from "./row.ts";

const row: Row = {
  ...webpack,
  name: "Next.js 15",
  versions: { next: "^15.5.0" },
  dev: { command: "next dev --port {port}" },
  build: ["next build"],
};

export default row;
