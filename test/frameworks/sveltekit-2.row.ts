import type { Row } from "./row.ts";
import latest from "./sveltekit.row.ts";

const { setup: _, node: __, ...same } = latest;

const row: Row = {
  ...same,
  name: "SvelteKit 2, adapter-node",
  over: "sveltekit-2",
  versions: { "@sveltejs/kit": "^2.0.0", "@sveltejs/adapter-node": "^5.0.0" },
};

export default row;
