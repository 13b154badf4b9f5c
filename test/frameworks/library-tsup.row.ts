import tsdown, { bundle } from "./library-tsdown.row.ts";
import type { Row } from "./row.ts";

const row: Row = {
  ...tsdown,
  name: "tsup, library",
  over: "tsup",
  shows: ["tsup", "typescript"],
  build: ["paw types --beside", "tsup", bundle],
  types: ["paw types --beside", "tsc", "tsup", "tsc -p user"],
};

export default row;
