import next from "./next-16.row.ts";
import type { Row } from "./row.ts";

const { setup: _, ...rest } = next;
const row: Row = {
  ...rest,
  name: "Next.js 16, webpack",
  dev: { command: "next dev --webpack --port {port}" },
  build: ["next build --webpack"],
  run: { command: "next start --port {port}", files: [".next", "next.config.ts"] },
};

export default row;
