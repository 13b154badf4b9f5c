import tsup from "./library-tsup.row.ts";
import type { Row } from "./row.ts";

const row: Row = { ...tsup, name: "tsup 9, library", versions: { tsup: "^9.0.0" }, node: 22 };

export default row;
