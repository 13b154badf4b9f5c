import latest from "./react-router.row.ts";
import type { Row } from "./row.ts";

const { setup: _, node: __, ...same } = latest;

const routers = ["@react-router/dev", "@react-router/node", "@react-router/serve", "react-router"];

const row: Row = {
  ...same,
  name: "React Router 7",
  versions: { ...Object.fromEntries(routers.map((name) => [name, "7.18.4"])), vite: "^7.0.0" },
};

export default row;
